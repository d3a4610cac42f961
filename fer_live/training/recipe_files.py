"""Recipes as TOML files with strict names."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_type_hints

from fer_live.core.errors import ConfigError
from fer_live.core.paths import user_path
from fer_live.training.ranges import check_ranges
from fer_live.training.recipe import Recipe


def recipe_names() -> tuple[str, ...]:
    """Names of the recipes that come with the package."""
    folder = resources.files("fer_live.training") / "recipes"
    return tuple(sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".toml")))


def load_recipe(name_or_path: str, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """Reads a recipe that comes with the package, or a TOML file.

    Args:
        name_or_path: One of `recipe_names()`, or a path ending in ``.toml``.
        overrides: Values that replace those of the file, by dotted name (``schedule.epochs``).

    Raises:
        ConfigError: Unknown recipe, unreadable file, or a setting with an unknown name, a wrong
            type or a value out of range.
    """
    if name_or_path in recipe_names():
        text = (
            resources.files("fer_live.training") / "recipes" / f"{name_or_path}.toml"
        ).read_text("utf-8")
    else:
        path = Path(name_or_path)
        if path.suffix != ".toml":
            raise ConfigError(
                f"There is no recipe called {name_or_path!r}.",
                f"Choose one of {', '.join(recipe_names())}, or a path to a .toml file.",
            )
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"The recipe {path} cannot be read: {error}.") from error
    try:
        data = tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(f"The recipe {name_or_path} is nested too deeply.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The recipe {name_or_path} is not valid TOML: {error}.") from error
    data.setdefault("name", Path(name_or_path).stem)
    for dotted, value in (overrides or {}).items():
        table = data
        *parents, last = dotted.split(".")
        for parent in parents:
            table = table.setdefault(parent, {})
            if not isinstance(table, dict):
                raise ConfigError(f"The recipe has no section {parent!r}.", f"Check {dotted!r}.")
        table[last] = value
    recipe: Recipe = _fill(Recipe, data, "")
    check_ranges(recipe)
    return recipe


def check_earlier_runs(recipe: Recipe) -> None:
    """Raises ConfigError if the models of earlier runs that a recipe goes on from are missing.

    The hint names the recipes to train before, in their order, as the recipes themselves say it.
    """
    missing = [path for path in _runs_of(recipe) if not user_path(path).is_file()]
    if not missing:
        return
    order = _trained_before(recipe)
    first = f"Begin with --recipe {order[0]}" if order else "Train them first"
    then = f", then {', '.join(order[1:])}" if len(order) > 1 else ""
    alone = [name for name in recipe_names() if not _runs_of(load_recipe(name))]
    raise ConfigError(
        f"The recipe {recipe.name} goes on from {missing[0]}, which is not there.",
        f"{first}{then}, then {recipe.name}, each with the same --data. Or choose a recipe that "
        f"goes on from none: {', '.join(alone)}.",
    )


def _runs_of(recipe: Recipe) -> list[str]:
    """Model files of other runs that a recipe goes on from or is taught by."""
    named = [recipe.model.pretrained, *recipe.loss.teachers]
    return list(dict.fromkeys(name for name in named if name.endswith(".safetensors")))


def _trained_before(recipe: Recipe) -> list[str]:
    """Recipes of the package whose missing models this one needs, the first to train first."""
    order: list[str] = []
    for path in _runs_of(recipe):
        name = Path(path).stem
        if user_path(path).is_file() or name not in recipe_names() or name == recipe.name:
            continue
        order += [*_trained_before(load_recipe(name)), name]
    return list(dict.fromkeys(order))


def parse_overrides(pairs: Sequence[str]) -> dict[str, Any]:
    """Settings from the command line as a dictionary for `load_recipe`.

    Args:
        pairs: ``section.name=value``; the value is read as TOML, and as text where it is none
            (``run.precision=32-true``).

    Raises:
        ConfigError: A pair has no name or no equals sign.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise ConfigError(f"{pair!r} is not a setting.", "Write it as schedule.epochs=10.")
        try:
            values[name.strip()] = tomllib.loads(f"value = {text}")["value"]
        except RecursionError as error:
            raise ConfigError(f"The value of {name.strip()} is nested too deeply.") from error
        except tomllib.TOMLDecodeError:
            values[name.strip()] = text.strip()
    return values


def _fill(kind: Any, data: Mapping[str, Any], where: str) -> Any:
    hints = get_type_hints(kind)
    unknown = sorted(set(data) - {f.name for f in fields(kind)})
    if unknown:
        known = ", ".join(f.name for f in fields(kind))
        raise ConfigError(
            f"Unknown setting {where}{unknown[0]!r} in the recipe.", f"Known: {known}."
        )
    values: dict[str, Any] = {}
    for name, value in data.items():
        hint = hints[name]
        try:
            values[name] = _fit(hint, value, f"{where}{name}.")
        except (TypeError, ValueError) as error:
            raise ConfigError(f"The recipe's {where}{name} does not fit: {value!r}.") from error
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"The recipe is incomplete: {error}.") from error


def _fit(hint: Any, value: Any, where: str) -> Any:
    if is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise TypeError(value)  # a list of tables, for example
        return _fill(hint, value, where)
    origin = getattr(hint, "__origin__", None)
    args: tuple[Any, ...] = getattr(hint, "__args__", ())
    if origin is Literal:
        if value not in args:
            raise ConfigError(
                f"The recipe's {where[:-1]} cannot be {value!r}.",
                f"Choose one of: {', '.join(map(str, args))}.",
            )
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError(value)
        kinds = args[:1] * len(value) if Ellipsis in args else args
        if len(kinds) != len(value):
            raise ValueError(value)
        return tuple(_fit(kind, v, where) for kind, v in zip(kinds, value, strict=True))
    if origin is not None:
        if not isinstance(value, Mapping):
            raise TypeError(value)
        return {str(k): _fit(args[1], v, where) for k, v in value.items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise TypeError(value)
    return value
