"""QR codes, for pages and for the certificate: text in, modules or SVG out."""

from __future__ import annotations

QUIET_ZONE_MODULES = 4


def qr_modules(text: str) -> list[list[bool]]:
    """The dark modules of the code for `text`, row by row, without the quiet zone. Error correction level M.

    Raises ValueError if the text is empty or longer than a QR code holds.
    """
    import segno  # noqa: PLC0415  # only certificates need it

    if not text:
        raise ValueError("A QR code needs a text.")
    try:
        code = segno.make_qr(text, error="m", boost_error=False)
    except segno.DataOverflowError as error:
        raise ValueError("The text is longer than a QR code holds.") from error
    return [[bool(module) for module in row] for row in code.matrix]


def qr_svg(text: str, *, quiet_zone: int = QUIET_ZONE_MODULES) -> str:
    """The code as a self-contained SVG, one unit per module, black on white: dark pages must not invert it.

    Without width and height: the place it stands in decides its size. Raises ValueError like `qr_modules`.
    """
    modules = qr_modules(text)
    side = len(modules) + 2 * quiet_zone
    runs = "".join(
        f"M{start + quiet_zone} {row + quiet_zone}h{length}v1h-{length}z"
        for row, line in enumerate(modules)
        for start, length in _dark_runs(line)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{runs}"/></svg>'
    )


def _dark_runs(line: list[bool]) -> list[tuple[int, int]]:
    """Where each unbroken dark run starts, and its length: whole runs leave no seams between modules in print."""
    runs: list[tuple[int, int]] = []
    for column, dark in enumerate(line):
        if not dark:
            continue
        if runs and sum(runs[-1]) == column:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((column, 1))
    return runs
