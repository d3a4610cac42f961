import socket

import pytest

from fer_live.core.errors import ConfigError
from fer_live.core.network import address_of, bind, is_loopback, parse_address, same_site


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8765", ("127.0.0.1", 8765)),
        (" 8765 ", ("127.0.0.1", 8765)),
        (":8765", ("127.0.0.1", 8765)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("box.lan:65535", ("box.lan", 65535)),
        ("[::1]:9000", ("::1", 9000)),
    ],
)
def test_an_address_is_a_port_with_or_without_a_host(text, expected):
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text", ["", "host", "host:", "host:x", "host:-1", "host:65536", "1.5", "²"]
)
def test_a_bad_address_is_refused_with_an_example(text):
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:9000"):
        parse_address(text)


def test_where_a_host_is_needed_a_port_alone_will_not_do():
    assert parse_address("box:1", None) == ("box", 1)
    with pytest.raises(ConfigError, match="HOST:PORT"):
        parse_address("9000", None)


def test_a_port_in_use_says_so():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Port {port} is already in use. Do this"):
            bind("127.0.0.1", port, busy_hint="Do this.")


def test_a_host_that_is_not_there_says_so():
    with pytest.raises(ConfigError, match=r"no address called 'no\.such\.invalid'"):
        bind("no.such.invalid", 0)


def test_only_loopback_is_this_computer_alone():
    with bind("127.0.0.1", 0) as one, bind("0.0.0.0", 0) as other:
        assert is_loopback(one)
        assert not is_loopback(other)
        assert address_of(other, "ws") == f"ws://localhost:{other.getsockname()[1]}"


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://localhost:8765", "localhost:8765", True),
        ("http://LOCALHOST:8765", "localhost:8765", True),
        ("http://localhost:3000", "localhost:8765", False),
        ("http://evil.example", "localhost:8765", False),
        ("null", "localhost:8765", False),
        ("file://", "", False),
        ("http://[", "localhost", False),
    ],
)
def test_a_page_is_of_the_same_site_if_its_origin_is_the_server(origin, host, same):
    assert same_site(origin, host) is same
