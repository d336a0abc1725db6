"""The version of this product, as pages, API and archives name it."""

VERSION = "0.1.0"
