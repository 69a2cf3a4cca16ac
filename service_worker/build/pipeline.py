"""The build's steps: from web/, sync's declarations and service_worker/ into generated/.

generated/           modules that worker.js imports
  declarations.js    export const declarations: what a tablet reads of sync.declarations()
  declarations.json  all of sync.declarations()
  templates.js       the floor app's templates, compiled by compile_template.py
  messages.js        export const messages: {locale: {msgid: translation or [plural forms]}}
  pinyin.txt         the readings of characters, as both ends load them; pinyin_of.txt: of what
  version.js         export const version, assets: the names below static/ to keep on the tablet
generated/static/    what the server hands out under /static/
  worker.js app.js floorwalk.css icons.svg app.svg app-192.png … manifest.webmanifest
  pinyin.js          the same readings for the worker, which loads them when it needs them
  words-en.json …    the words of each language but the first, which worker.js has
  office.js office.css: what pages of the office load besides
  manifest.json      the hash of everything that went in, and of every file that came out
generated/packed/    each text of these, packed with brotli: <its SHA-256>.br

Steps: 1. Python writes the modules. 2. Icons. 3. esbuild bundles, terser shortens. 4. Packing.
5. manifest.json is written last, so that a build which broke off is never taken for a finished one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service_worker.build import catalogue, node
from service_worker.build.tablet_declarations import for_tablet
from sync import languages
from sync.words import Translatable

WORKER = Path(__file__).resolve().parent.parent
ROOT = WORKER.parent
WEB = ROOT / "web"
GENERATED = WORKER / "generated"
STATIC = GENERATED / "static"
PACKED = GENERATED / "packed"
MANIFEST = STATIC / "manifest.json"

WATCH_INTERVAL_SECONDS = 0.4


def is_installed(package: str) -> bool:
    """Say whether a package of the registry is in this checkout."""
    return (WORKER / "node_modules" / package).is_dir()


def run(*, quiet: bool = False) -> None:
    """Build everything that changed. Raise SystemExit with a sentence when a source is at fault."""
    started = time.perf_counter()
    try:
        inputs = hash_of_inputs()
        if not all(map(is_installed, ("esbuild", "terser"))):
            node.install_packages(with_dev=is_installed("eslint"))
        STATIC.mkdir(parents=True, exist_ok=True)
        MANIFEST.unlink(missing_ok=True)
        write_icons()
        write_pinyin()
        write_modules(inputs)
        bundle()
        node.run_node(WORKER / "build" / "pack.mjs", STATIC, PACKED)
    except subprocess.CalledProcessError as error:
        raise SystemExit("The bundle failed; esbuild says why above.") from error
    except (LookupError, ValueError, OSError) as error:
        raise SystemExit(f"The build stopped: {error}") from error
    write_manifest(inputs)
    if not quiet:
        print(f"Built version {inputs[:12]} in {time.perf_counter() - started:.1f} s.")


def is_current() -> bool:
    """Return whether generated/ was built from the sources as they are now."""
    return why_stale() is None


def why_stale() -> str | None:
    """Return a sentence saying what to run when generated/ is missing or older than its sources."""
    try:
        built = json.loads(MANIFEST.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return "The tablet's part is not built yet. Run `make build`."
    in_checkout = (ROOT / "pyproject.toml").is_file()
    if in_checkout and built["inputs"] != hash_of_inputs():
        return "The tablet's part is older than its sources. Run `make build`."
    return None


def hash_of_inputs() -> str:
    """Return a hash of everything that the build reads, declarations by value and not by source."""
    digest = hashlib.sha256(dump([declarations(), icon_names()]).encode())
    digest.update(shipped().encode())
    for path in sources():
        digest.update(f"\n{path.relative_to(ROOT).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sources() -> Iterator[Path]:
    """Yield every file that the build reads, in a fixed order."""
    for path in sorted(WEB.rglob("*")):
        if path.is_file() and path.name != "README.md":
            yield path
    for path in sorted(WORKER.rglob("*")):
        below = path.relative_to(WORKER).parts[0]
        kinds = (".js", ".mjs", ".py", "names.txt", "package-lock.json")
        if below not in ("node_modules", "generated") and path.name.endswith(kinds):
            yield path


def declarations() -> Any:
    """Return sync's declarations: plain JSON."""
    import sync

    return sync.declarations()


def shipped() -> str:
    """Return what a site has from the first day on as text: a tablet says its words."""
    from sync.features import ships

    return dump([*ships("hospital")])


def write_modules(inputs: str) -> None:
    """Write the modules that worker.js imports."""
    declared = declarations()
    write(GENERATED / "declarations.json", dump(declared) + "\n")
    write(GENERATED / "declarations.js", declarations_module(for_tablet(declared)))
    write(GENERATED / "templates.js", templates())
    write(GENERATED / "messages.js", messages_module())
    there = {path.name for path in STATIC.iterdir()} - SERVED
    assets = sorted(name for name in {"app.js", "floorwalk.css"} | there if not is_of_words(name))
    write(
        GENERATED / "version.js",
        f'export const version = "{inputs[:12]}"\nexport const assets = {dump(assets)}\n',
    )


SENTENCE = "\ue000"  # stands before a sentence until the text of the module is whole
MARKED = re.compile(f'"{SENTENCE}((?:[^"\\\\]|\\\\.)*)"')


def declarations_module(declared: Any) -> str:
    """Return the module of declarations, each sentence in `_()` as in any script."""
    text = MARKED.sub(r'_("\1")', dump(marked(declared)))
    return f'import {{ _ }} from "../base/words.js"\nexport const declarations = {text}\n'


def marked(value: Any) -> Any:
    """Return plain JSON with a mark before each sentence."""
    if isinstance(value, Translatable):
        return SENTENCE + value
    if isinstance(value, dict):
        return {key: marked(one) for key, one in value.items()}
    return [marked(one) for one in value] if isinstance(value, list | tuple) else value


def messages_module(declared: str = "") -> str:
    """Return the module of catalogues, that of the default language first."""
    found = messages(declared)
    ordered = {name: found.get(name, {}) for name in languages.NAMES}
    return f"export const messages = {dump(ordered)}\n"


def is_of_words(name: str) -> bool:
    """Return whether a file of the build is another language's catalogue."""
    return name.startswith("words-")


# Served, but nothing that a page of the floor app asks for by its name under /static/.
SERVED = {"worker.js", "manifest.json", "office.js", "office.css", "pinyin.js"}


# The reasons with which the server refuses an act: a tablet may show them in another language.
REFUSALS = ROOT / "server" / "http" / "problems.py"
REFUSAL = re.compile(r'Problem\("\w+", 403, _\(("[^"]+")\)')


def messages(declared: str = "") -> dict[str, catalogue.Catalogue]:
    """Return the translations of what the tablet says; what only the office says stays here.

    `declared` is the text of declarations that are not those of the build.
    """
    if not (WEB / "locales").is_dir():
        return {}
    scripts = [path for path in sources() if path.suffix == ".js" and path.is_relative_to(WORKER)]
    scripts += [GENERATED / "templates.js", GENERATED / "declarations.js"]
    text = "\n".join(path.read_text("utf-8") for path in scripts) + declared + shipped()
    if REFUSALS.is_file():
        text += "\n".join(REFUSAL.findall(REFUSALS.read_text("utf-8")))
    everything = catalogue.read_all(WEB / "locales")
    return {
        locale: {key: value for key, value in entries.items() if stands_in(text, key)}
        for locale, entries in everything.items()
    }


def stands_in(text: str, key: str) -> bool:
    """Return whether a sentence, whatever its context, stands in the sources as a literal."""
    sentence = key.rpartition(catalogue.CONTEXT_MARK)[2]
    return dump(sentence) in text or f"'{sentence}'" in text


def templates() -> str:
    """Return the floor app's templates as JavaScript."""
    from jinja2 import FileSystemLoader

    from service_worker.build.compile_template import compile_all, make_environment

    environment = make_environment(FileSystemLoader(WEB))
    return compile_all(environment, floor_templates())


def floor_templates() -> list[str]:
    """Return the names of the templates that the worker renders; the server's own are left out."""
    names = (path.relative_to(WEB).as_posix() for path in sorted(WEB.rglob("*.html")))
    return [name for name in names if not is_server_template(name)]


def is_server_template(name: str) -> bool:
    """Return whether only the server renders it: the office, sign-in, bootstrap page and paper."""
    own_layouts = tuple(
        f"layout/{name}" for name in ("office", "sign_in", "bootstrap", "server", "print")
    )
    return "/office/" in name or name.startswith(own_layouts)


def write_pinyin() -> None:
    """Write the table of readings unless it is that of these sources: it takes seconds."""
    from service_worker.build import pinyin_table

    kept, made_of = GENERATED / "pinyin.txt", GENERATED / "pinyin_of.txt"
    fingerprint = pinyin_table.fingerprint()
    if not (kept.is_file() and made_of.is_file() and made_of.read_text("utf-8") == fingerprint):
        write(kept, pinyin_table.table())
        write(made_of, fingerprint)
    write(STATIC / "pinyin.js", f"self.pinyinTable = {dump(kept.read_text('utf-8'))}\n")


def icon_names() -> list[str]:
    """Return the names of the icons there are that a page, a script or a declaration names."""
    from service_worker.build import icons

    scripts = (path for path in sources() if path.suffix in (".html", ".js"))
    of_the_office = (ROOT / "server").rglob("*.py")
    texts = [path.read_text("utf-8") for path in (*scripts, *of_the_office)]
    said = set(ICON_NAME.findall("\n".join([*texts, dump(declarations())])))
    return [name for name in icons.names_in(WEB / "icons") if name in said]


ICON_NAME = re.compile(r"""(?<=["'#])[a-z0-9-]+(?=["')])""")


def write_icons() -> None:
    """Write the sprite, the app's icons and the web manifest."""
    from service_worker.build import icons

    own, library = WEB / "icons", WORKER / "node_modules" / "lucide-static" / "icons"
    write(STATIC / "icons.svg", icons.sprite(icon_names(), own, library))
    shutil.copyfile(own / "app.svg", STATIC / "app.svg")
    for size in icons.APP_ICON_SIZES:
        icons.app_icon(own / "app.svg", size).save(STATIC / f"app-{size}.png", optimize=True)
    shutil.copyfile(WEB / "manifest.webmanifest", STATIC / "manifest.webmanifest")


def bundle() -> None:
    """Have esbuild bundle worker.js, app.js, floorwalk.css, and what the office has besides."""
    node.run_node(WORKER / "build" / "bundle.mjs", WEB, STATIC)


def write_manifest(inputs: str) -> None:
    """Write what went in and what came out: {inputs, version, files: {name: {bytes, sha256}}}."""
    files = {
        path.name: {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(STATIC.iterdir())
        if path != MANIFEST
    }
    built = {"inputs": inputs, "version": inputs[:12], "files": files}
    write(MANIFEST, json.dumps(built, indent=2) + "\n")


def dump(value: Any) -> str:
    """Return compact JSON that is also a JavaScript expression."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=False)


def write(path: Path, text: str) -> None:
    """Write a file unless it says that already."""
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def watch() -> None:
    """Build again whenever a source changes, until interrupted.

    Each build is a process of its own, since Python would go on using the modules it has imported.
    """
    seen: dict[Path, int] = {}
    while True:
        watched = [*sources(), *(ROOT / "sync").rglob("*.py"), *(ROOT / "sync").rglob("*.toml")]
        now = {path: path.stat().st_mtime_ns for path in watched}
        if now != seen:
            seen = now
            subprocess.run(
                [sys.executable, "-m", "service_worker.build.pipeline"], cwd=ROOT, check=False
            )
        time.sleep(WATCH_INTERVAL_SECONDS)


def main(arguments: list[str] | None = None) -> int:
    """Run `floorwalk build`."""
    parser = argparse.ArgumentParser("floorwalk build", description="Build the tablet's part.")
    parser.add_argument("--watch", action="store_true", help="build again when a source changes")
    parser.add_argument("--force", action="store_true", help="build even if nothing changed")
    options = parser.parse_args(arguments)
    if options.watch:
        watch()
    elif options.force or not is_current():
        run()
    return 0
