"""Checkpoints: malformed notes are refused whole, keys are trusted for their span, and secrets are not repeated."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from qms.checkpoint import (
    COSIGNATURE,
    MOST_SIGNATURES,
    CheckpointNote,
    Keyring,
    Note,
    Signature,
    Signer,
    TrustedKey,
    VerifierKey,
    base64_of,
    open_note,
    verified,
)
from qms.errors import InvalidInput, Untrusted
from qms.trail import EMPTY_ROOT

LOG = Signer.from_seed("office.example/log", bytes(32))
NEXT = Signer.from_seed("office.example/log", b"n" * 32)
OTHER = Signer.from_seed("other.example/log", b"o" * 32)
WITNESS = Signer.from_seed("witness.example/w", b"w" * 32, COSIGNATURE)
ROOT = bytes(range(32))
NOTE = CheckpointNote(LOG.name, 7, ROOT).sign(LOG)
TEXT = str(NOTE)
HEAD = f"{LOG.name}\n7\n{base64_of(ROOT)}\n"
LINE = TEXT.rpartition("\n\n")[2]


def signed(text, *signers):
    """*text* as a note with signatures that hold."""
    return Note(text, tuple(signer.sign(text) for signer in signers or (LOG,))).data.decode()


# Malformed notes


MALFORMED = {
    "nothing": "",
    "no line end at the end": TEXT[:-1],
    "no empty line": TEXT.replace("\n\n", "\n"),
    "no signature": HEAD + "\n",
    "text alone": HEAD,
    "carriage returns": TEXT.replace("\n", "\r\n"),
    "one carriage return": TEXT.replace("7\n", "7\r\n"),
    "a tab": TEXT.replace("office", "off\tice"),
    "a null": TEXT.replace("office", "off\0ice"),
    "a hyphen for the dash": TEXT.replace("— ", "- "),
    "no blank after the dash": TEXT.replace("— ", "—"),
    "two blanks after the dash": TEXT.replace("— ", "—  "),
    "no key name": re.sub(r"— \S+ ", "—  ", TEXT),
    "a plus in the key name": TEXT.replace(f"— {LOG.name}", f"— a+{LOG.name}"),
    "a wide blank in the key name": TEXT.replace(f"— {LOG.name}", "— office\u2003log"),
    "bad base64": TEXT[:-3] + "!=\n",
    "base64 without padding": TEXT.rstrip("=\n") + "\n",
    "base64 with a line end inside": TEXT[:-10] + "\n" + TEXT[-10:],
    "base64 of the web": TEXT[:-4] + "_=\n",
    "spare bits in base64": TEXT[:-3] + chr(ord(TEXT[-3]) + 1) + "=\n",
    "a signature of four bytes": f"{HEAD}\n— {LOG.name} {base64_of(b'1234')}\n",
    "a line after the signatures": TEXT + "more\n",
    "an empty line after the signatures": TEXT + "\n",
    "17 signatures": HEAD + "\n" + LINE + "".join(f"— {n}.example {base64_of(b'12345678')}\n" for n in range(MOST_SIGNATURES)),
    "a lone surrogate": TEXT.replace("office", "off\ud800ice"),
    "more than a mebibyte": "x\n" * (1 << 20) + TEXT,
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_note_is_refused_whole(what):
    """Nothing is trimmed, normalised or guessed."""
    with pytest.raises(InvalidInput):
        open_note(MALFORMED[what], LOG.vkey)


def test_bytes_that_are_no_utf8_are_refused():
    """As bytes, the way a file is read."""
    with pytest.raises(InvalidInput, match="UTF-8"):
        open_note(NOTE.data.replace(b"office", b"\xff\xfeffice"), LOG.vkey)


BAD_TEXTS = {
    "size with a leading zero": HEAD.replace("\n7\n", "\n007\n"),
    "size with a sign": HEAD.replace("\n7\n", "\n+7\n"),
    "size in other digits": HEAD.replace("\n7\n", "\n٧\n"),
    "size below zero": HEAD.replace("\n7\n", "\n-7\n"),
    "size of 2^63": HEAD.replace("\n7\n", f"\n{2**63}\n"),
    "size of thousands of digits": HEAD.replace("\n7\n", "\n" + "7" * 5000 + "\n"),
    "no size": HEAD.replace("\n7\n", "\n\n"),
    "no origin": HEAD.removeprefix(LOG.name),
    "two lines": HEAD.rpartition(base64_of(ROOT))[0],
    "a root of 31 bytes": f"{LOG.name}\n7\n{base64_of(ROOT[1:])}\n",
    "a root in hexadecimal": f"{LOG.name}\n7\n{ROOT.hex()}\n",
    "size 0 with a root": HEAD.replace("\n7\n", "\n0\n"),
    "a blank line at the end": HEAD + "\n",
    "an empty extension": HEAD + "\nmore\n",
}


@pytest.mark.parametrize("what", BAD_TEXTS)
def test_a_malformed_checkpoint_is_refused_although_signed(what):
    """The signature holds; the text is no checkpoint."""
    with pytest.raises(InvalidInput):
        open_note(signed(BAD_TEXTS[what]), LOG.vkey)


def test_extension_lines_are_read_and_signed():
    """They are opaque, and part of what is signed."""
    found = open_note(signed(HEAD + "more\n"), LOG.vkey)
    assert (("more",), HEAD + "more\n") == (found.extensions, found.text)


def test_the_empty_log_has_a_checkpoint():
    """Size 0 and the hash of nothing."""
    assert (0, EMPTY_ROOT) == open_note(str(CheckpointNote(LOG.name, 0, EMPTY_ROOT).sign(LOG)), LOG.vkey).head


@pytest.mark.parametrize("origin", ["", "a\nb", "a\r", "\n— x y", "a\0b"])
def test_an_origin_cannot_write_lines_of_its_own(origin):
    """A name with a line end would put a size or a signature where none is."""
    with pytest.raises(InvalidInput):
        CheckpointNote(origin, 7, ROOT)


@pytest.mark.parametrize("origin", ["— office.example", "Sở Xây dựng", "office log", "c2sp.org/tlog-proof@v1"])
def test_an_odd_origin_is_read_as_it_was_written(origin):
    """One line is one line, whatever it says."""
    note = CheckpointNote(origin, 7, ROOT).sign(LOG)
    assert note == open_note(note.data, LOG.vkey, origin=origin)


# Signatures


def test_sixteen_signatures_are_taken():
    """As many as the format asks every verifier to take."""
    others = [Signer.from_seed(f"{n}.example", bytes([n]) * 32) for n in range(1, MOST_SIGNATURES)]
    assert NOTE.head == open_note(signed(HEAD, *others, LOG), LOG.vkey).head


@pytest.mark.parametrize(
    "note",
    [
        signed(HEAD, OTHER),
        signed(HEAD, Signer.from_seed(LOG.name, b"x" * 32)),
        TEXT.replace("\n7\n", "\n8\n").replace(LOG.name + " ", "unknown.example "),
    ],
)
def test_unknown_keys_are_ignored_and_open_nothing(note):
    """Another name, or the same name with another id, is another key."""
    with pytest.raises(Untrusted, match="no trusted key signed"):
        open_note(note, LOG.vkey)


def test_a_bad_signature_of_a_known_key_refuses_the_note_beside_a_good_one():
    """Somebody wrote it; what stands beside it is not believed."""
    bad = Signature(NEXT.name, NEXT.key.id, LOG.sign(HEAD).value)
    note = Note(HEAD, (LOG.sign(HEAD), bad)).data
    with pytest.raises(Untrusted, match="altered or forged"):
        open_note(note, [LOG.vkey, NEXT.vkey])
    assert NOTE.head == open_note(note, LOG.vkey).head


@pytest.mark.parametrize("length", [1, 63, 65, 72])
def test_a_signature_of_another_length_is_bad(length):
    """64 bytes, no more and no less."""
    value = (LOG.sign(HEAD).value * 2)[:length]
    with pytest.raises(Untrusted):
        open_note(Note(HEAD, (Signature(LOG.name, LOG.key.id, value),)).data, LOG.vkey)


def test_keys_that_collide_are_refused():
    """Two keys of one name and id: whose signature would it be?"""
    one = VerifierKey("a.example", bytes(32))
    two = VerifierKey("a.example", bytes(31) + b"\x01")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VerifierKey, "id", property(lambda _: 1))
        with pytest.raises(InvalidInput, match="share the name"):
            Keyring.of([one, two])


def test_a_note_of_another_origin_is_refused():
    """A key that signs for two logs does not let the one pass as the other."""
    note = CheckpointNote("office.example/other-tenant", 7, ROOT).sign(LOG)
    with pytest.raises(Untrusted, match="no trusted key signed"):
        open_note(note.data, LOG.vkey)
    with pytest.raises(Untrusted, match="not of"):
        open_note(note.data, LOG.vkey, origin=LOG.name)


def test_a_witness_alone_opens_nothing():
    """It saw the log; it is not the log."""
    with pytest.raises(Untrusted, match="no trusted key"):
        open_note(CheckpointNote(LOG.name, 7, ROOT).sign(WITNESS, at=1).data, [WITNESS.vkey, LOG.vkey])


def test_as_many_witnesses_must_have_signed_as_are_asked_for():
    """A quorum that is not there refuses, and a forged cosignature refuses whatever the quorum."""
    note = NOTE.sign(WITNESS, at=1_700_000_000)
    keys = [LOG.vkey, WITNESS.vkey]
    assert note == open_note(note.data, keys, quorum=1)
    with pytest.raises(Untrusted, match="1 must"):
        open_note(NOTE.data, keys, quorum=1)
    late = Signature(WITNESS.name, WITNESS.key.id, (9).to_bytes(8, "big") + note.signatures[1].value[8:])
    with pytest.raises(Untrusted, match="altered or forged"):
        open_note(NOTE.with_signatures([late]).data, keys)


def test_a_signature_is_no_cosignature():
    """One public key under both kinds: the ids differ, and so does what is signed."""
    twin = Signer.from_seed(LOG.name, LOG.seed, COSIGNATURE)
    assert twin.key.id != LOG.key.id
    swapped = Signature(twin.name, twin.key.id, (1).to_bytes(8, "big") + LOG.sign(HEAD).value)
    assert not twin.key.verify(HEAD, swapped.value)


def test_a_witness_signs_with_the_time_and_nobody_else():
    """A time for a key that says none is a mistake, and so is none for one that does."""
    for signer, at in ((LOG, 1), (WITNESS, None), (WITNESS, 0), (WITNESS, 2**63)):
        with pytest.raises(InvalidInput):
            signer.sign(HEAD, at)


# Keys


@pytest.mark.parametrize("text", [LOG.vkey, WITNESS.vkey])
def test_every_change_of_a_key_string_is_refused(text):
    """Every proper part of it, and every character that is one off."""
    parts = [text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1) if text[i:j] != text]
    off = [text[:i] + chr(ord(text[i]) + 1) + text[i + 1 :] for i in range(len(text))]
    taken = [part for part in parts + off if _reads(VerifierKey.parse, part)]
    assert [] == taken


def test_every_change_of_a_secret_key_is_refused_and_not_repeated():
    """What is wrong with it is told without it."""
    text = LOG.secret
    off = [text[:i] + chr(ord(text[i]) + 1) + text[i + 1 :] for i in range(len(text))]
    messages = [_told(Signer.parse, part) for part in [text[:i] for i in range(len(text))] + off]
    assert [] == [message for message in messages if message is None or base64_of(LOG.seed)[:20] in message]


def _reads(read, text):
    return _told(read, text) is None


def _told(read, text):
    try:
        read(text)
    except InvalidInput as error:
        return str(error)
    return None


def test_a_secret_key_is_not_shown():
    """Neither printed nor logged by accident."""
    assert "seed" not in repr(LOG)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x1fb", "\ud800"])
def test_a_key_has_a_name_that_a_line_can_hold(name):
    """No blanks of any kind, no plus, no control characters."""
    with pytest.raises(InvalidInput):
        VerifierKey(name, bytes(32))


@pytest.mark.parametrize("kind", [0, 2, 5, 6, 255])
def test_other_kinds_of_key_are_refused(kind):
    """One that nobody here can verify is not trusted by mistake."""
    with pytest.raises(InvalidInput, match="not known here"):
        VerifierKey("a.example", bytes(32), kind)


def test_a_new_key_is_another_each_time():
    """And signs what its public half verifies."""
    one, two = Signer.generate(LOG.name), Signer.generate(LOG.name)
    assert one.seed != two.seed
    assert one.key.verify(HEAD, one.sign(HEAD).value)
    assert not two.key.verify(HEAD, one.sign(HEAD).value)


def test_keys_are_read_from_lines_with_their_spans():
    """A file of keys, with remarks, gives what it says; and is written so."""
    ring = Keyring.of(f"# ours\n{LOG.vkey} until=20\n{NEXT.vkey} since=20   # since May\n\n")
    assert (TrustedKey(LOG.key, 0, 20), TrustedKey(NEXT.key, 20)) == ring.keys
    assert ring == Keyring.of(str(ring))


@pytest.mark.parametrize("text", ["", "# nothing", f"{LOG.vkey} until=x", f"{LOG.vkey} 20", f"{LOG.vkey} until=1 until=2"])
def test_a_keyring_without_keys_or_with_odd_words_is_refused(text):
    """Trusting nothing is an error, not a pass."""
    with pytest.raises(InvalidInput):
        Keyring.of(text)


def test_a_retired_key_opens_what_it_signed_and_nothing_after():
    """A forger with the old key cannot make the log longer."""
    ring = Keyring.of([f"{LOG.vkey} until=7", f"{NEXT.vkey} since=7"])
    assert NOTE == open_note(NOTE.data, ring)
    with pytest.raises(Untrusted, match="retired"):
        open_note(CheckpointNote(LOG.name, 8, ROOT).sign(LOG).data, ring)
    with pytest.raises(Untrusted, match="came later"):
        open_note(CheckpointNote(LOG.name, 6, ROOT).sign(NEXT).data, ring)
    both = CheckpointNote(LOG.name, 8, ROOT).sign(LOG, NEXT)
    assert both == open_note(both.data, ring)


def test_a_key_signs_once_however_often_it_stands_there():
    """A line twice is one signature."""
    note = Note(HEAD, (LOG.sign(HEAD), LOG.sign(HEAD)))
    assert [LOG.key] == list(verified(note, [LOG.key]))
    assert NOTE == NOTE.sign(LOG)


@pytest.mark.parametrize("keys", [None, 5, b"office.example/log", [5], [None], [LOG], [LOG.vkey, b"x"]])
def test_what_is_no_key_opens_nothing(keys):
    """It is refused by what it is, and not repeated: it may be a secret."""
    with pytest.raises(InvalidInput, match="is no key; give a vkey"):
        open_note(TEXT, keys)


@pytest.mark.parametrize("quorum", ["1", None, 1.5, True, -1])
def test_a_quorum_is_a_whole_number(quorum):
    """Of witnesses."""
    with pytest.raises(InvalidInput, match="is no number of witnesses"):
        open_note(TEXT, LOG.vkey, quorum=quorum)


@pytest.mark.parametrize("data", [None, 5, ["x"]])
def test_what_is_no_text_is_no_note(data):
    """Bytes or a text."""
    for parse in (Note.parse, CheckpointNote.parse):
        with pytest.raises(InvalidInput, match="a note is bytes or a text, not"):
            parse(data)


@pytest.mark.parametrize(("name", "seed"), [("a", None), ("a", 5), ("a", "x" * 32), (None, bytes(32)), (5, bytes(32))])
def test_a_key_is_made_of_a_name_and_bytes(name, seed):
    """What was given for the secret is not repeated."""
    with pytest.raises(InvalidInput, match=r"has 32 bytes, not (NoneType|int|str)|cannot name a key"):
        Signer.from_seed(name, seed)


@pytest.mark.parametrize("at", ["5", 1.5, True, 0, -1, 2**63])
def test_a_witness_signs_at_a_whole_second(at):
    """Since 1970."""
    with pytest.raises(InvalidInput, match="no whole number of seconds"):
        WITNESS.sign("x\n", at)


def test_a_name_may_hold_the_sign_of_a_remark():
    """A remark begins a line, or follows a blank."""
    signer = Signer.from_seed("office#2", bytes(32))
    assert (signer.key,) == Keyring.of(f"# ours\n{signer.vkey} # the second office").of_kind(1)


def test_importing_checkpoints_loads_no_cryptography():
    """It is loaded when something is signed or verified; without it the error says what to install."""
    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from qms.checkpoint import Signer\n"
        "try: Signer.from_seed('a', bytes(32)).key\n"
        "except ValueError as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "pip install 'qms[sign]'" in told
