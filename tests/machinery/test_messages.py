"""Words are found in templates and code, and faults in translations are named."""

import polib
import pytest

from tools import messages


def words(tmp_path, name, source):
    path = tmp_path / name
    path.write_text(source)
    return [(word.text, word.plural, word.context) for word in messages.words_in(path)]


def test_words_of_a_template_are_found_wherever_they_stand(tmp_path):
    source = """{% load i18n %}
    <p title="{% translate 'Due' %}">{% blocktranslate with n=3 %}{{ n }} left{% endblocktranslate %}</p>
        {% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}
  {% translate "May" context "month" %} {# translate 'no' #} it's {% url 'x' %}
    """
    assert words(tmp_path, "page.html", source) == [
        ("Due", "", None),
        ("%(n)s left", "", None),
        ("%(n)s day", "%(n)s days", None),
        ("May", "", "month"),
    ]


def test_words_of_code_are_found_by_the_usual_names(tmp_path):
    source = "_('one'); gettext_lazy('two'); ngettext('%d x', '%d xs', 3); pgettext('c', 'four'); other('five')"
    assert words(tmp_path, "code.py", source) == [
        ("one", "", None),
        ("two", "", None),
        ("%d x", "%d xs", None),
        ("four", "", "c"),
    ]


@pytest.mark.parametrize(
    ("translated", "fault"),
    [("", "not translated"), ("%(m)s lagi", "placeholders differ"), ("%(n)s lagi", ""), (None, "missing")],
)
def test_a_fault_of_a_translation_is_named(translated, fault):
    entries = [] if translated is None else [polib.POEntry(msgid="%(n)s left", msgstr=translated)]
    found = messages.fault_of(messages.Word("%(n)s left"), entries)
    assert found.startswith(fault)
    assert bool(found) == bool(fault)


def test_bringing_a_catalogue_up_to_date_keeps_translations_and_drops_old_words(tmp_path):
    path = tmp_path / "locale" / "django.po"
    old = polib.POFile()
    old.extend([polib.POEntry(msgid="stay", msgstr="tetap"), polib.POEntry(msgid="go", msgstr="pergi")])
    path.parent.mkdir()
    old.save(str(path))
    wanted = {word.key: word for word in (messages.Word("stay", files={"a"}), messages.Word("new", files={"a"}))}
    assert messages.update(path, wanted) == 1
    assert {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))} == {"stay": "tetap", "new": ""}
