#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogues: every text of the sources is in them, translated, with what it puts in."""

import os
import pathlib
import re
import subprocess
import tempfile

import tap

ROOT = pathlib.Path(os.environ['ATLAS_SOURCE_ROOT'])
PO = ROOT / 'data' / 'po'
POTFILES = [line for line in (PO / 'POTFILES').read_text(encoding='utf-8').splitlines()
            if line and not line.startswith('#')]
KEYWORDS = re.findall(r"'(--(?:keyword|from-code)=[^']*)'",
                      (PO / 'meson.build').read_text(encoding='utf-8'))


def languages():
    lines = (PO / 'LINGUAS').read_text(encoding='utf-8').split('\n')
    return [word for line in lines if not line.startswith('#') for word in line.split()]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)


def entries(path):
    """(context, text, plural) → the translations, of a catalogue in gettext's text form."""
    found = {}
    text = run('msgcat', '--no-wrap', '--no-location', path).stdout
    for block in re.split(r'\n\s*\n', text):
        fields = {}
        name = None
        for line in block.splitlines():
            start = re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?) (".*")$', line)
            if start:
                name = start[1]
                fields[name] = ''
            quoted = re.search(r'"(.*)"$', line)
            if name and quoted and not line.startswith('#'):
                fields[name] += quoted[1]
        if fields.get('msgid'):
            key = (fields.get('msgctxt'), fields['msgid'], fields.get('msgid_plural'))
            found[key] = [value for name, value in fields.items() if name.startswith('msgstr')]
    return found


def template():
    with tempfile.TemporaryDirectory() as folder:
        pot = os.path.join(folder, 'vmatlas.pot')
        run('xgettext', *KEYWORDS, '--output', pot, *POTFILES)
        return entries(pot)


def test_every_source_with_texts_is_listed():
    marked = re.compile(r'\b(?:[NC]?_|ngettext|g_dngettext) \("?')
    with_texts = {str(path.relative_to(ROOT)) for folder in ('engine', 'ui', 'app')
                  for path in (ROOT / folder).rglob('*.c')
                  if marked.search(path.read_text(encoding='utf-8'))}
    listed = {name for name in POTFILES if name.endswith('.c')}
    assert with_texts == listed, with_texts ^ listed


def test_every_text_is_translated():
    texts = set(template())
    assert len(texts) > 1500, len(texts)
    for language in languages():
        known = entries(str(PO / f'{language}.po'))
        missing = sorted(key[1] for key in texts
                         if not known.get(key) or not all(known[key]))
        assert not missing, (language, missing[:20], len(missing))
        stale = sorted(key[1] for key in set(known) - texts)
        assert not stale, (language, stale[:20], len(stale))


def test_no_translation_is_a_guess():
    for language in languages():
        fuzzy = run('msgattrib', '--only-fuzzy', '--no-obsolete', str(PO / f'{language}.po')).stdout
        assert 'msgid' not in fuzzy, fuzzy


def test_what_is_put_in_is_the_same():
    for language in languages():
        run('msgfmt', '--check', '--output-file=/dev/null', str(PO / f'{language}.po'))
        for (_, text, _), translations in entries(str(PO / f'{language}.po')).items():
            for translation in translations:
                for pattern in (r'\{\w*\}', r'%[-+0 #]*(?:\*|\d+)?(?:\.\d+)?l*[a-zA-Z]'):
                    if pattern.startswith('%') and '%' not in text:
                        continue
                    before, after = (sorted(set(re.findall(pattern, side)))
                                     for side in (text, translation))
                    assert before == after, (text, translation)
                edges = [re.match(r'^( *).*?( *)$', side, re.S).groups()
                         for side in (text, translation)]
                assert edges[0] == edges[1], (text, translation)


def test_no_macro_hides_a_text_from_extraction():
    for name in POTFILES:
        if not name.endswith('.c'):
            continue
        source = (ROOT / name).read_text(encoding='utf-8')
        for call in re.finditer(r'\b[NC]?_ \(((?:"(?:[^"\\]|\\.)*"|\s)+)(\w+)', source):
            assert False, f'{name}: {call[1]} {call[2]}: xgettext ends before the macro'


def test_what_a_widget_shows_is_marked():
    """A literal with a word in it, where GTK shows its argument; INVLPG is a name."""
    calls = re.compile(
        r'\b(?:gtk_label_new|gtk_button_new_with_(?:label|mnemonic)|gtk_check_button_new_with_\w+|'
        r'gtk_widget_set_tooltip_text \([^,]+,|gtk_label_set_(?:text|label) \([^;]*?,|'
        r'adw_preferences_\w+_set_title \([^,]+,|adw_status_page_set_(?:title|description) \([^,]+,|'
        r'gtk_window_set_title \([^,]+,|g_menu_append \([^,]+,|adw_toast_new)'
        r' ?\(? ?"([^"]*[a-z]{3}[^"]*)"')
    for folder in ('ui', 'app'):
        for path in (ROOT / folder).rglob('*.c'):
            bare = [call[1] for call in calls.finditer(path.read_text(encoding='utf-8'))]
            assert not bare, (path.name, bare)
    shown = re.findall(r'<property name="(?:label|title|tooltip-text)"([^>]*)>[^<]*[A-Za-z]{3}',
                       (ROOT / 'data' / 'help-overlay.ui').read_text(encoding='utf-8'))
    assert shown and all('translatable' in attributes for attributes in shown)


def test_tours_are_in_every_language():
    for path in sorted((ROOT / 'data' / 'tours').glob('*.tour')):
        lines = path.read_text(encoding='utf-8').splitlines()
        for language in languages():
            for key in ('Title', 'Summary', 'Text'):
                n_texts = sum(line.startswith(f'{key}=') for line in lines)
                n_translated = sum(line.startswith(f'{key}[{language}]=') for line in lines)
                assert n_texts == n_translated > 0, (path.name, key, language)


if __name__ == '__main__':
    tap.run(tap.of_module(globals()))
