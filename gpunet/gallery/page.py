"""The page of the gallery: one file that holds pictures, paragraphs and programs."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from string import Template

from .program import Program

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>gpunet: the lecture in pictures</title>
<style>
:root { color-scheme: light dark; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
img { max-width: 100%; background: white; border-radius: 4px; }
pre { overflow-x: auto; padding: 1rem; font-size: 0.85rem; border: 1px solid #8886; border-radius: 4px; }
section { margin-bottom: 3rem; }
</style>
</head>
<body>
<h1>The lecture in pictures</h1>
<p>Each picture was drawn by the program below it, which trained what it shows.</p>
$sections
$left_out
</body>
</html>
""")

SECTION = Template("""<section id="$name">
<h2>$title</h2>
<p>$text</p>
<img src="data:image/png;base64,$picture" alt="$title">
<details><summary>$name.py</summary><pre><code>$source</code></pre></details>
</section>""")


def page(pictures: Sequence[tuple[Program, bytes]], left_out: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        pictures: Programs with the PNG that each of them drew.
        left_out: Why others drew none, by name.
    """
    sections = [
        SECTION.substitute(
            name=program.name,
            title=html.escape(program.title),
            text=html.escape(program.text),
            source=html.escape(program.source),
            picture=base64.b64encode(picture).decode("ascii"),
        )
        for program, picture in pictures
    ]
    lines = [f"<li>{html.escape(name)}: {html.escape(reason)}</li>" for name, reason in left_out.items()]
    missing = f"<h2>Left out</h2>\n<ul>{''.join(lines)}</ul>" if lines else ""
    return PAGE.substitute(sections="\n".join(sections), left_out=missing)
