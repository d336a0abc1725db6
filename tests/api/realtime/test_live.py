"""What a client hears of the profiles that it watches."""

from tests.api.realtime.conftest import Product


def test_each_hears_each_message_once(product: Product) -> None:
    clients = [product.connect().sign_in(product.token(product.anna)) for _ in range(6)]
    for client in clients:
        client.subscribe(product.anna)
    told = [str(product.tell(product.anna, giftId=f"g{number}")) for number in range(20)]
    for client in clients:
        heard = [client.hear() for _ in told]
        assert [message["eventId"] for message in heard] == told
        assert heard[0]["event"] == "gift-purchased"
        assert heard[0]["data"] == {"profileId": str(product.anna.profile_id), "giftId": "g0"}
        client.nothing()


def test_figures_come_after_a_subscription(product: Product) -> None:
    client = product.connect().sign_in(product.token(product.anna))
    client.subscribe(product.anna)
    assert client.until("engagement-update")["data"]["views"] == 0


def test_what_was_missed_is_told_again(product: Product) -> None:
    client = product.connect().sign_in(product.token(product.anna))
    first = client.subscribe(product.anna)
    told = [str(product.tell(product.anna)) for _ in range(3)]
    client.socket.close()
    again = product.connect().sign_in(product.token(product.anna))
    assert again.subscribe(product.anna, first) == first
    assert [again.hear()["eventId"] for _ in told] == told
    last = str(product.tell(product.anna))
    assert again.hear()["eventId"] == last
    again.nothing()
