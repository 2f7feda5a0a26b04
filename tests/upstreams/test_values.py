"""Which e-mails, phones and countries are usable."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstreams.countries import ALPHA2, BY_NAME
from upstreams.values import clean_email, clean_phone, country_code


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ada@Example.com", "Ada@Example.com"),
        ("  ada@example.com\n", "ada@example.com"),
        ("o'neil+tag@sub.example.co.uk", "o'neil+tag@sub.example.co.uk"),
        ("müller@münchen.de", "müller@münchen.de"),
        ("a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"),
        ("none@gmail.com", "none@gmail.com"),
        ("test@realcompany.com", "test@realcompany.com"),
        ("info@info.com", "info@info.com"),
        ("a@1.de", "a@1.de"),
        (None, None),
        ("", None),
        ("   ", None),
        ("n/a", None),
        ("N/A", None),
        ("none", None),
        ("-", None),
        ("none@none", None),
        ("None@None.com", None),
        ("test@test", None),
        ("test@test.com", None),
        ("no@no.no", None),
        ("na@na.na", None),
        ("noemail@noemail.com", None),
        ("NoEmail@gmail.com", None),
        ("no-email@hotel.example", None),
        ("ada@localhost", None),
        ("@example.com", None),
        ("ada@", None),
        ("ada@@example.com", None),
        ("ada lovelace@example.com", None),
        ("ada@example..com", None),
        ("ada@-example.com", None),
        ("ada@127.0.0.1", None),
        ("ada@example.com, bob@example.com", None),
        ("a" * 65 + "@example.com", None),
    ],
)
def test_emails(text: str | None, clean: str | None) -> None:
    assert clean_email(text) == clean


@given(st.emails(), st.sampled_from(["", " ", "\t", "\r\n"]))
def test_a_real_email_only_loses_the_space_around_it(text: str, space: str) -> None:
    clean = clean_email(space + text + space)
    assert clean in (text, None)
    # What the standard allows and nobody has: quoting, addresses of hosts, top-level domains with digits.
    if clean is None:
        local, _, domain = text.partition("@")
        assert (
            any(char in '()<>,;:"[]\\' for char in local) or len(local) > 64 or not domain.rpartition(".")[2].isalpha()
        )


@given(st.text())
def test_cleaning_an_email_twice_is_cleaning_it_once(text: str) -> None:
    clean = clean_email(text)
    assert clean_email(clean) == clean
    assert clean is None or (clean.count("@") == 1 and clean == clean.strip() and clean in text)


@pytest.mark.parametrize(
    ("text", "region", "clean"),
    [
        ("+14156264284", None, "+14156264284"),
        ("+1 (415) 626-4284", None, "+14156264284"),
        ("4156264284", "us", "+14156264284"),
        ("4156264284", " US ", "+14156264284"),
        ("14156264284", "US", "+14156264284"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("0039 06 1234567", "IT", "+39061234567"),
        ("  4156264284 ", None, "4156264284"),
        ("4156264284", "ZZ", "4156264284"),
        ("555-0123", "US", "555-0123"),
        ("+999123", None, "+999123"),
        ("room 4021", None, "room 4021"),
        (None, None, None),
        ("", "US", None),
        ("  ", "US", None),
        ("n/a", "US", None),
        ("none", None, None),
        ("-", None, None),
        ("0", None, None),
        ("0000000000", "US", None),
        ("+000 000 000", None, None),
        ("9999999999", "US", None),
        ("12", "US", None),
        ("ada42@example.com 1", "US", None),
    ],
)
def test_phones(text: str | None, region: str | None, clean: str | None) -> None:
    assert clean_phone(text, region) == clean


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@given(st.sampled_from(REGIONS))
def test_every_countrys_own_number_becomes_e164_however_it_is_written(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    assert clean_phone(international) == e164
    assert clean_phone(e164) == e164
    assert clean_phone(national, region) == e164


@given(st.one_of(st.text(), st.text("+0123456789 -()")), st.none() | st.sampled_from(["US", "IT", "GB", "??"]))
def test_cleaning_a_phone_twice_is_cleaning_it_once(text: str, region: str | None) -> None:
    clean = clean_phone(text, region)
    assert clean_phone(clean, region) == clean
    assert clean is None or clean == text.strip() or (clean[0] == "+" and clean[1:].isascii() and clean[1:].isdigit())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("us", "US"),
        ("IT", "IT"),
        (" it ", "IT"),
        ("USA", "US"),
        ("gbr", "GB"),
        ("UK", "GB"),
        ("Italy", "IT"),
        ("united  states", "US"),
        ("CZECH REPUBLIC", "CZ"),
        ("Türkiye", "TR"),
        (None, None),
        ("", None),
        (" ", None),
        ("xx", None),
        ("39", None),
        ("Atlantis", None),
    ],
)
def test_countries(text: str | None, code: str | None) -> None:
    assert country_code(text) == code


@given(st.text() | st.sampled_from(sorted(BY_NAME)))
def test_a_country_is_one_of_the_standard_or_none(text: str) -> None:
    code = country_code(text)
    assert code is None or code in ALPHA2
    assert country_code(code) == code


def test_all_countries_are_there_once() -> None:
    assert len(ALPHA2) == 249
    three = {name: code for name, code in BY_NAME.items() if len(name) == 3 and name.isascii() and name.isalpha()}
    assert sorted(three.values()) == sorted(ALPHA2)
