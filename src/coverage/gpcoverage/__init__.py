"""Who can choose between two open general practices within the limit, and what a closure changes.

Read a study, compute, show:

>>> from gpcoverage import compute_choice, load_study, write_choice
>>> choice = compute_choice(load_study("data/midtjylland.toml"))  # doctest: +SKIP
>>> write_choice(choice, "out/midtjylland")  # doctest: +SKIP

What can be taken from here stands in ``public.py``, and is imported when it is first asked for: the
command line must be able to answer Ctrl-C before all of it is there.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gpcoverage.public import *  # noqa: F403

else:

    def __getattr__(name: str) -> Any:
        public = import_module("gpcoverage.public")
        if name == "__all__":
            return list(public.__all__)
        if name in public.__all__:
            return getattr(public, name)
        msg = f"module 'gpcoverage' has no attribute '{name}'"
        raise AttributeError(msg)

    def __dir__() -> list[str]:
        return sorted({*globals(), *import_module("gpcoverage.public").__all__})
