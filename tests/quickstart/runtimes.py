"""What runs the snippets of each client: interpreters, and compilers that take all pages in one go."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.components import CURL, JAVA, MONO, NODE, PHP, SWIFT
from tests.npm import installed

type Commands = Mapping[str, list[str]]
"""By system, what runs its snippet."""

type Build = Callable[[Mapping[str, str], Path], Commands]
"""From snippets by system, in a folder. Skips the test where a component is missing."""

HERE = Path(__file__).parent
QUICKLY = ("-XX:TieredStopAtLevel=1", "-Xshare:auto")
"""For programs of a second."""

_CRYPTO = "globalThis.crypto ??= require('node:crypto').webcrypto;\n"
"""A global of Node.js 20 that Debian 12's 18 lacks."""

_NETWORKING = "#if canImport(FoundationNetworking)\nimport FoundationNetworking\n#endif"

_STARTER = """
static class Starter
{
    static void Main(string[] names)
    {
        var flags = System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static;
        var main = System.Type.GetType(names[0] + ".Example").GetMethod("Main", flags);
        ((System.Threading.Tasks.Task)main.Invoke(null, null)).Wait();
    }
}
"""


def javascript(snippets: Mapping[str, str], folder: Path) -> Commands:
    """Modules of Node.js."""
    node = [NODE.program("node"), "--require", str(_written(folder / "global.cjs", _CRYPTO))]
    return {
        system: [*node, str(_written(folder / f"{system}.mjs", code))] for system, code in snippets.items()
    }


def kotlin(snippets: Mapping[str, str], folder: Path) -> Commands:
    """Classes, each snippet in a package of its own."""
    java = JAVA.program("java")
    compiler = installed(HERE) / "kotlin-compiler"
    files = [
        _written(folder / system / "Example.kt", f"package {system}\n\n{code}")
        for system, code in snippets.items()
    ]
    library = compiler / "lib" / "kotlin-stdlib.jar"
    kotlinc = [java, *QUICKLY, "-cp", compiler / "lib" / "kotlin-compiler.jar"]
    options = ["-no-reflect", "-kotlin-home", compiler, "-d", folder / "classes"]
    _run(*kotlinc, "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", *options, *files)
    path = f"{folder / 'classes'}:{library}"
    return {system: [java, *QUICKLY, "-cp", path, f"{system}.ExampleKt"] for system in snippets}


def csharp(snippets: Mapping[str, str], folder: Path) -> Commands:
    """One program, each snippet in a namespace of its own."""
    compiler, mono = MONO.program("mcs"), MONO.program("mono")
    files = [
        _written(folder / f"{system}.cs", f"namespace {system}\n{{\n{code}}}\n")
        for system, code in snippets.items()
    ]
    files.append(_written(folder / "Starter.cs", _STARTER))
    program = folder / "snippets.exe"
    try:
        options = ["-warnaserror", "-main:Starter", f"-out:{program}", "-r:System.Net.Http.dll"]
        _run(compiler, "-nologo", *options, *files)
    except AssertionError as error:
        if "CS0006" in str(error):  # a part of Mono that is packaged by itself
            pytest.skip(MONO.missing)
        raise
    return {system: [mono, str(program), system] for system in snippets}


def hypertext_preprocessor(snippets: Mapping[str, str], folder: Path) -> Commands:
    """Scripts of PHP."""
    interpreter = PHP.program("php")
    if "curl" not in _run(interpreter, "-m").split():  # packaged by itself
        pytest.skip(PHP.missing)
    return {
        system: [interpreter, str(_written(folder / f"{system}.php", code))]
        for system, code in snippets.items()
    }


def command_line(snippets: Mapping[str, str], folder: Path) -> Commands:
    """Lines of a shell."""
    del folder
    CURL.program("curl")
    return {system: ["bash", "-c", line] for system, line in snippets.items()}


def swift(snippets: Mapping[str, str], folder: Path) -> Commands:
    """Programs. Outside Apple's systems, a part of Foundation is a module by itself."""
    compiler = SWIFT.program("swiftc")
    for system, code in snippets.items():
        source = _written(folder / system / "main.swift", f"{_NETWORKING}\n{code}")
        _run(compiler, "-warnings-as-errors", "-o", folder / system / "example", source)
    return {system: [str(folder / system / "example")] for system in snippets}


BUILDS: Mapping[str, Build] = {
    "JavaScript": javascript,
    "Swift": swift,
    "Kotlin": kotlin,
    "C# and Unity": csharp,
    "PHP": hypertext_preprocessor,
    "curl": command_line,
}
"""By the heading of the pages."""


def _written(file: Path, code: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(code)
    return file


def _run(*command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
