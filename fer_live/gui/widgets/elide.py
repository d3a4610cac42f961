"""Texts that fit."""


def cut(text: str, most: int) -> str:
    """A text of at most so many characters; what is left out of its middle becomes a dot row."""
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"
