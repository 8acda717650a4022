"""What ``mutations.py`` changes in the kernels: each barrier is deleted, each index and bound is shifted by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

NOT_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|\"[^\"\n]*\"|^[ \t]*#[^\n]*", re.MULTILINE | re.DOTALL)
BARRIER = re.compile(r"__sync(?:threads|warp)\(\);")
COMPARISON = re.compile(r"(?<=\s)(<=?|>=?)(?=\s)")
SHIFTED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
INTEGER = re.compile(r"(?<![\w.])(\d+)([uUlL]*)(?![\w.])")
VARIABLE = re.compile(r"(?:\b(?:int|long long|unsigned|size_t)|\w>?\*) (?=\w+ = |\w+\()")
ASSIGNMENT = re.compile(r"\w+ = ")
COUNTER = re.compile(r"\b(?:int|long long|size_t) (\w+)\b(?! ?\()")
MEMBERS = re.compile(r"\)\s*: (?=\w+\()")  # of a constructor
MEMBER = re.compile(r"\w+(?=\()")
HEADER = re.compile(r"\b(?:for|if|while) (?:constexpr )?(?=\()")
ACCESS = re.compile(r"\b(?:load|store)\w*(?:<[^<>;]*>)?(?=\()")
PAIRS = {"(": ")", "[": "]", "{": "}"}

Edit = tuple[int, int, str]  # from, to, replacement
Span = tuple[int, int]


class Mutation(NamedTuple):
    """One change of one file.

    Attributes:
        old, new: The line before and after, which with the file tell mutations apart,
        place: and if that is found in the file several times, which of them it is, from 1.
    """

    file: str
    line: int
    old: str
    new: str
    start: int
    end: int
    replacement: str
    place: int

    def apply(self, text: str) -> str:
        """Return the changed text."""
        return text[: self.start] + self.replacement + text[self.end :]


def mutations(file: str, text: str) -> list[Mutation]:
    """Return all mutations of a source, in the order of their places."""
    code = NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    found: dict[tuple[int, str], Mutation] = {}
    for start, end, replacement in sorted({*_barriers(code), *_comparisons(code), *_shifts(code)}):
        changed = text[:start] + replacement + text[end:]
        first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        old, new = text[first:last], changed[first : last + len(changed) - len(text)]
        line, old, new = text.count("\n", 0, start) + 1, " ".join(old.split()), " ".join(new.split())
        if (line, new) not in found:
            place = sum((other.old, other.new) == (old, new) for other in found.values()) + 1
            found[line, new] = Mutation(file, line, old, new, start, end, replacement, place)
    return list(found.values())


def _barriers(code: str) -> Iterator[Edit]:
    for match in BARRIER.finditer(code):
        yield match.start(), match.end(), ";"


def _comparisons(code: str) -> Iterator[Edit]:
    for match in COMPARISON.finditer(code):
        yield match.start(), match.end(), SHIFTED[match[0]]


def _shifts(code: str) -> Iterator[Edit]:
    """Shift whole indices, starts, steps and addresses up by one, and each integer in them and in conditions both ways."""
    integers: set[Edit] = set()
    for start, end in _conditions(code):
        integers |= {*_integers(code, start, end)}
    places = _indices, _starts, _steps, _members, _addresses
    for start, end in (span for find in places for span in find(code)):
        integers |= {*_integers(code, start, end)}
        expression = code[start:end]
        if not INTEGER.fullmatch(expression):
            simple = re.fullmatch(r"[\w.:]+", expression)
            yield start, end, f"{expression} + 1" if simple else f"({expression}) + 1"
    yield from integers


def _integers(code: str, start: int, end: int) -> Iterator[Edit]:
    for match in INTEGER.finditer(code, start, end):
        for number in (int(match[1]) - 1, int(match[1]) + 1):
            yield match.start(), match.end(), f"{number}{match[2]}"


def _conditions(code: str) -> Iterator[Span]:
    for match in HEADER.finditer(code):
        yield match.end() + 1, _closing(code, match.end())


def _indices(code: str) -> Iterator[Span]:
    """``x[i]``; not the sizes of arrays, which a declaration states, nor what a lambda captures."""
    for match in re.finditer(r"(?<=[\w\])])\[", code):
        line = code[code.rfind("\n", 0, match.start()) + 1 : match.start()]
        end = _closing(code, match.start())
        if end > match.end() and not re.search(
            r"__shared__|^\s*(?:const\s+)?[\w:]+(?:<.*>)? \w+(?:\[\w+\])*$", line
        ):
            yield match.end(), end


def _starts(code: str) -> Iterator[Span]:
    """What integers and pointers are initialised with, up to the next comma or semicolon."""
    for match in VARIABLE.finditer(code):
        position = match.end()
        while assignment := ASSIGNMENT.match(code, position):
            end = _end_of_expression(code, assignment.end())
            yield assignment.end(), end
            position = end + 2 if code[end] == "," else end


def _steps(code: str) -> Iterator[Span]:
    """``i += stride`` for integers."""
    names = "|".join(set(COUNTER.findall(code)))
    for match in re.finditer(rf"\b(?:{names}) \+= ", code) if names else ():
        yield match.end(), _end_of_expression(code, match.end())


def _members(code: str) -> Iterator[Span]:
    """What a constructor makes of its arguments, but for mere copies."""
    for match in MEMBERS.finditer(code):
        position = match.end()
        while member := MEMBER.match(code, position):
            end = _closing(code, member.end())
            if not re.fullmatch(r"\w+", code[member.end() + 1 : end]):
                yield member.end() + 1, end
            position = end + 1 + len(re.match(r",?\s*", code[end + 1 :])[0])


def _addresses(code: str) -> Iterator[Span]:
    """What is loaded from and stored to, where it isn't an element or a parameter's type, and how much is there."""
    for match in ACCESS.finditer(code):
        start = match.end() + 1
        end = _end_of_expression(code, start)
        if end == start or re.search(r"\w>?[*&] \w+$|^const |^&", code[start:end]):
            continue
        yield start, end
        if "_part" in match[0]:
            closing = _closing(code, match.end())
            yield code.rfind(", ", start, closing) + 2, closing


def _closing(code: str, opening: int) -> int:
    """Return where the bracket is closed that is opened there."""
    return _end_of_expression(code, opening + 1, "")


def _end_of_expression(code: str, start: int, separators: str = ",;") -> int:
    depth = 0
    for position in range(start, len(code)):
        character = code[position]
        if depth == 0 and (character in separators or character in PAIRS.values()):
            return position
        depth += (character in PAIRS) - (character in PAIRS.values())
    return len(code)
