"""Allowed Host and Origin values of requests, and the security headers of responses.

A page on any web site can make the browser send requests to a loopback address. Two checks prevent
it: the Host must not be a foreign name that resolves to this computer (DNS rebinding), and a
request with an Origin must come from the service's own page (cross-site request forgery).
"""

from collections.abc import Collection

from flask import Flask, Response, abort, request

from fer_live.core.network import host_allowed, same_site

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every response: the page exchanges data only with this service."""


def protect(app: Flask, hosts: Collection[str] = ()) -> None:
    """Adds the checks and the headers to an application.

    Args:
        app: The application.
        hosts: Allowed host names, besides localhost and any IP address.
    """
    names = frozenset(name.lower() for name in hosts)

    @app.before_request
    def check() -> None:
        host = request.headers.get("Host", "")
        if not host_allowed(host, names):
            abort(
                403,
                f"This service does not answer to the name {host[:80]!r}. Use its IP address or "
                "localhost, or start it with --allow-host NAME.",
            )
        origin = request.headers.get("Origin")
        if origin is not None and not same_site(origin, host):
            abort(
                403,
                "Another web page sent this request, which is not allowed. "
                "Open the service's own page.",
            )

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        # Responses describe people's faces, and the page must match the version that serves it.
        response.headers["Cache-Control"] = "no-store"
        return response
