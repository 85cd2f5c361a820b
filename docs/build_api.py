"""Write docs/api.md: signature and docstring of every public name. ``make api`` runs it."""

import ast
import inspect
import textwrap
import types
import typing
from pathlib import Path

import gpcoverage
from gpcoverage import public

PAGE = Path(__file__).resolve().parent / "api.md"
GOLDEN = PAGE.parents[1] / "tests/golden_public_api.txt"
WIDTH = 88

HEAD = """# The public face of gpcoverage

Made from the docstrings by `make api`; edit them, not this page. These names and signatures are
frozen by `tests/test_public_api.py`: from 1.0.0 on a change that breaks one raises the first number
of the version and comes first in [CHANGELOG.md](../CHANGELOG.md).

Everything else in the package may change without notice.
"""


def page() -> str:
    """Write the whole page."""
    names = sorted(public.__all__, key=lambda name: (name.casefold(), name))
    contents = "\n".join(f"- [`{name}`](#{name.casefold()}): {_first_line(name)}" for name in names)
    return "\n".join([HEAD, contents, *(_entry(name) for name in names)]).rstrip() + "\n"


def signatures() -> dict[str, str]:
    """Give the signature of every public name, and of the public methods of classes, by name."""
    found = {}
    for name in sorted(public.__all__):
        thing = getattr(gpcoverage, name)
        found[name] = _signature(thing)
        if inspect.isclass(thing):
            for label, member in _members(thing):
                found[f"{name}.{label}"] = _signature(member)
    return found


def golden() -> str:
    """Write all signatures, a line each."""
    return "".join(f"{name}{signature}\n" for name, signature in signatures().items())


def _first_line(name: str) -> str:
    return (inspect.getdoc(getattr(gpcoverage, name)) or "").split("\n", 1)[0]


def _entry(name: str) -> str:
    thing = getattr(gpcoverage, name)
    parts = [f"\n## {name}\n", _code(name, thing), _doc(thing)]
    if inspect.isclass(thing):
        for label, member in _members(thing):
            parts += [f"\n### {name}.{label}\n", _code(f"{name}.{label}", member), _doc(member)]
    return "\n".join(parts)


def _code(name: str, thing: object) -> str:
    kind = "class " if inspect.isclass(thing) else ""
    opened, parts, closed = _parts(thing)
    one_line = f"{kind}{name}{opened}{', '.join(parts)}{closed}"
    if len(one_line) > WIDTH:
        lines = "".join(f"    {part},\n" for part in parts)
        one_line = f"{kind}{name}{opened}\n{lines}{closed}"
    return f"```python\n{one_line}\n```\n"


def _doc(thing: object) -> str:
    """Give the docstring as plain text: markdown would take its rulers and lists for its own."""
    doc = inspect.getdoc(thing) or ""
    head, _, rest = doc.partition("\n")
    return f"{head}\n" if not rest.strip() else f"{head}\n\n```text\n{rest.strip()}\n```\n"


def _members(cls: type) -> list[tuple[str, typing.Any]]:
    """Give public methods and properties, in the order of the source; errors have none of their own."""
    if issubclass(cls, Exception):
        return []
    kinds = (types.FunctionType, classmethod, staticmethod, property)
    return [
        (name, getattr(cls, name))
        for name, member in vars(cls).items()
        if not name.startswith("_") and isinstance(member, kinds)
    ]


def _signature(thing: object) -> str:
    opened, parts, closed = _parts(thing)
    return f"{opened}{', '.join(parts)}{closed}"


def _parts(thing: typing.Any) -> tuple[str, list[str], str]:
    """Take a signature apart, as its source has it: what Python prints of types varies by version."""
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return "(", [base.__name__ for base in thing.__bases__], ")"
    if isinstance(thing, property):
        return "", [], f" -> {_returns(_source(thing.fget))}"
    node = _source(thing)
    if isinstance(node, ast.ClassDef):
        fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
        return "(", [ast.unparse(f) for f in fields if not _name(f).startswith("_")], ")"
    return "(", _arguments(node.args), f") -> {_returns(node)}"


def _source(thing: typing.Any) -> ast.FunctionDef | ast.ClassDef:
    node = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        msg = f"{thing} is neither a function nor a class"
        raise TypeError(msg)
    return node


def _name(field: ast.AnnAssign) -> str:
    return ast.unparse(field.target)


def _returns(node: ast.FunctionDef | ast.ClassDef) -> str:
    told = getattr(node, "returns", None)
    return "" if told is None else ast.unparse(told).strip("'")


def _arguments(args: ast.arguments) -> list[str]:
    """List parameters one by one, as they were written."""
    positional = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(positional) - len(args.defaults)) + [*args.defaults]
    parts = [_argument(*pair) for pair in zip(positional, defaults, strict=True)]
    if args.vararg or args.kwonlyargs:
        parts.append(f"*{ast.unparse(args.vararg)}" if args.vararg else "*")
    parts += [_argument(*pair) for pair in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    parts += [f"**{ast.unparse(args.kwarg)}"] if args.kwarg else []
    return [part for part in parts if part not in {"self", "cls"}]


def _argument(arg: ast.arg, default: ast.expr | None) -> str:
    return ast.unparse(arg) + ("" if default is None else f" = {ast.unparse(default)}")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    GOLDEN.write_text(golden(), encoding="utf-8")
