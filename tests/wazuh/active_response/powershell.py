"""What is wrong with a PowerShell script that must run on Windows PowerShell 4.0 and 5.1: our own lint.

It goes by what is allowed: own functions and a few commands of the language's core under their full names. So there is
no alias, no Out-File and no Invoke-WebRequest, and nothing that a later PowerShell brought.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

COMMANDS = {"Add-Type", "Join-Path", "New-Object", "Sort-Object", "Split-Path", "Start-Sleep"}
PARAMETERS = {"-AssemblyName", "-Parent", "-Milliseconds", "-Seconds"}
FORBIDDEN_NODES = {
    "class_statement": "classes came with 5.0",
    "enum_statement": "enums came with 5.0",
    "redirection": "redirection writes UTF-16",
    "pipeline_chain_tail": "&& and || came with 7",
    "command_invokation_operator": "what is called is not to be seen",
}
FORBIDDEN_MEMBERS = {"new": "::new came with 5.0", "ReadToEnd": "execd never ends its input"}
FORBIDDEN_VARIABLES = {"$input": "makes the host read the input"}
_PARSER = Parser(Language(tree_sitter_powershell.language()))


def faults(text: str) -> list[str]:
    """What is wrong, a sentence each."""
    return sorted(_faults(text))


def functions(text: str) -> dict[str, Node]:
    """Functions by name."""
    found = (node for node in _nodes(text) if node.type == "function_statement")
    return {_of_type(node, "function_name"): node for node in found}


def types_of(node: Node) -> set[str]:
    """Types that a piece of the script names, such as `IO.File`."""
    literals = {_text(inner)[1:-1] for inner in _walk(node) if inner.type == "type_literal"}
    made = {_text(inner).split()[1] for inner in _walk(node) if _text(inner).startswith("New-Object ")}
    return literals | {name.strip("'") for name in made}


def commands(node: Node) -> Counter[str]:
    """Commands that a piece of the script calls."""
    return Counter(_text(inner) for inner in _walk(node) if inner.type == "command_name")


@cache
def root(text: str) -> Node:
    """The whole script."""
    return _PARSER.parse(text.encode()).root_node


def _faults(text: str) -> Iterator[str]:
    if not text.isascii():
        yield "letters beyond ASCII: Windows PowerShell reads the file as ANSI"
    own = functions(text)
    named = [_of_type(node, "function_name") for node in _nodes(text) if node.type == "function_statement"]
    yield from (f"{name} is there twice" for name, count in Counter(named).items() if count > 1)
    called = commands(root(text))
    yield from (f"{name} is no allowed command" for name in called if name not in {*own, *COMMANDS})
    yield from (f"{name} is never called" for name in own if name not in called)
    for node in _nodes(text):
        if node.type == "ERROR" or node.is_missing:
            yield f"line {node.start_point.row + 1} is no PowerShell"
        if node.type in FORBIDDEN_NODES:
            yield FORBIDDEN_NODES[node.type]
        if node.type == "command_parameter" and _text(node) not in PARAMETERS:
            yield f"{_text(node)} is no allowed parameter"
        if node.type == "member_name" and _text(node) in FORBIDDEN_MEMBERS:
            yield FORBIDDEN_MEMBERS[_text(node)]
        if node.type == "variable" and _text(node).lower() in FORBIDDEN_VARIABLES:
            yield FORBIDDEN_VARIABLES[_text(node).lower()]


def _nodes(text: str) -> Iterator[Node]:
    return _walk(root(text))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _of_type(node: Node, kind: str) -> str:
    return next(_text(child) for child in node.children if child.type == kind)


def _text(node: Node) -> str:
    return (node.text or b"").decode()
