"""The program: ``gpcoverage`` or ``python -m gpcoverage``. Answers Ctrl-C from its first moment on."""

from gpcoverage.stopping import stopping_on_ctrl_c


def main() -> None:
    """Run the command line."""
    with stopping_on_ctrl_c():
        from gpcoverage.cli import main as run  # noqa: PLC0415  slow to import

        run()


if __name__ == "__main__":
    main()
