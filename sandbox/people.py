"""Persons first, their records second: each service's data set is drawn from the persons made here.

A person has facts (names, addresses, telephone numbers, country, birth); a service that knows the person spells some of
them its own way. The person's id stays on the record inside the sandbox and is never sent, so a test can ask which
records of different services belong together.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice


@dataclass(frozen=True, slots=True)
class Person:
    """Someone the services may know.

    Attributes:
        id: the sandbox's own id, the same in every service.
        gender: ``male``, ``female`` or ``other``.
        country: ISO 3166-1 alpha-2, lower case.
        language: ISO 639-1.
        email: the main address; every person has one, a record may lack it.
        other_email: a second address, or None.
        phone_prefix, phone_number: ``+39`` and the national number in digits.
    """

    id: str
    first_name: str
    last_name: str
    gender: str
    country: str
    language: str
    email: str
    other_email: str | None
    phone_prefix: str
    phone_number: str
    born: date

    @property
    def phone(self) -> str:
        """The telephone number in E.164."""
        return self.phone_prefix + self.phone_number


_WOMEN = {
    "it": "Giulia Francesca Chiara Martina Sofia Maria-Sole Aurora Noemi Alessia Elisa",
    "gb": "Olivia Amelia Isla Zoë Charlotte Siobhán Poppy Freya Harriet Imogen",
    "de": "Anna Lea Jördis Marlene Käthe Frieda Luise Änne Johanna Wiebke",
    "us": "Emily Madison Ashley Renée Jasmine Latoya Grace Hannah Chloë Brooke",
    "br": "Ana Beatriz Conceição Luíza Mariana Antônia Júlia Lívia Vitória Helena",
    "jp": "Yui Sakura Hina Aoi Misaki 陽菜 Haruka Nanami 美咲 Rin",
    "fr": "Camille Léa Chloé Zoé Inès Anaïs Hélène Maëlys Françoise Éloïse",
    "es": "Lucía María Begoña Sofía Itziar Inés Rocío Aitana Ángela Nuria",
}
_MEN = {
    "it": "Luca Matteo Nicolò Davide Andrea Lorenzo Gabriele Tommaso Pietro Alessandro",
    "gb": "Oliver George Harry Rhys Alfie Seán Archie Duncan Callum Theo",
    "de": "Jürgen Lukas Jörg Felix Götz Moritz Sören Till Bjarne Anton",
    "us": "Michael Tyler André Jamal Brandon José Ethan Logan Caleb Marcus",
    "br": "João Antônio Luís Caio Thiago Vinícius José Rafael Otávio Murilo",
    "jp": "Haruto Sota Ren 大輝 Kenji Takumi 悠真 Yuto Daiki Riku",
    "fr": "Gaël Noël Léo Théo Rémi Loïc Hugo Jérôme Étienne François",
    "es": "Íñigo Jesús Martín Álvaro Andrés Hugo Raúl Joaquín Óscar Iván",
}
_FAMILIES = {
    "it": "Rossi Bianchi D'Angelo Esposito Ferrari Niccolini Greco Lo-Presti De-Luca Fontana Costa Sabà",
    "gb": "Smith O'Connor Taylor Brontë Evans Wright Campbell MacLeod Hughes Ashworth Barnes Penrose",
    "de": "Müller Schröder Groß Weiß Köhler Bäcker Schmidt Vogel Lübke Krüger Hoffmann Jäger",
    "us": "Johnson Williams García Nguyen Davis Martínez Lee Robinson Kowalski O'Brien Chang Whitfield",
    "br": "Silva Souza Gonçalves Araújo Conceição Assunção Magalhães Ribeiro Antunes Simões Prado Falcão",
    "jp": "Sato 鈴木 Tanaka Watanabe 高橋 Ito Yamamoto Nakamura 小林 Kato Yoshida Ōno",
    "fr": "Lefèvre Garçon Benoît Dubois Crêté Moreau Béranger Rousseau Gauthier Noël Château L'Hôte",
    "es": "Muñoz Fernández Ibáñez Peña López Núñez Zubizarreta Ordóñez Castaño Vidal Güell Herrera",
}
_SHARE = {"it": 26, "us": 20, "gb": 16, "de": 12, "fr": 8, "br": 7, "es": 6, "jp": 5}
_LANGUAGE = {"it": "it", "us": "en", "gb": "en", "de": "de", "fr": "fr", "br": "pt", "es": "es", "jp": "ja"}
_PREFIX = {"it": "+39", "us": "+1", "gb": "+44", "de": "+49", "fr": "+33", "br": "+55", "es": "+34", "jp": "+81"}
_AREAS = (
    "212",
    "305",
    "312",
    "404",
    "415",
    "503",
    "512",
    "602",
    "617",
    "702",
    "713",
    "718",
    "773",
    "808",
    "818",
    "917",
)
_MAIL = ("example.com", "example.org", "example.net", "mail.example.com", "post.example.org", "inbox.example.net")
_COMMON = {"ß": "ss", "ø": "o", "ł": "l", "ı": "i"}


def latin(text: str) -> str:
    """``text`` as people write their name in an address; empty when no letter is Latin."""
    folded = "".join(_COMMON.get(letter, letter) for letter in text.lower())
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum())


def national_number(country: str, draw: random.Random) -> str:
    """A mobile number of ``country`` without its prefix, of a form that numbering plans know."""

    def digits(length: int) -> str:
        return "".join(str(draw.randrange(10)) for _ in range(length))

    if country == "us":  # 555-01xx is set aside for fiction
        return f"{draw.choice(_AREAS)}55501{digits(2)}"
    shapes = {
        "it": lambda: f"3{draw.choice(('28', '33', '40', '47', '88'))}{digits(7)}",
        "gb": lambda: f"74{draw.choice(('00', '15', '63', '91'))}{digits(6)}",
        "de": lambda: f"15{draw.choice(('1', '2', '7'))}{draw.choice('123456789')}{digits(7)}",
        "fr": lambda: f"6{draw.choice('1234')}{digits(7)}",
        "br": lambda: f"{draw.choice(('11', '21', '31'))}9{draw.choice('6789')}{digits(7)}",
        "es": lambda: f"6{draw.choice('1234')}{digits(7)}",
        "jp": lambda: f"90{draw.choice('123456789')}{digits(7)}",
    }
    return shapes[country]()


def persons(seed: int, number: int) -> list[Person]:
    """The first ``number`` of :func:`everyone`."""
    return list(islice(everyone(seed), number))


def everyone(seed: int) -> Iterator[Person]:
    """Persons without end; the same ones for the same seed."""
    draw = random.Random(f"{seed}:persons")  # noqa: S311 - a data set, no secret
    countries, shares = list(_SHARE), list(_SHARE.values())
    names = {
        country: (_WOMEN[country].split(), _MEN[country].split(), _FAMILIES[country].split()) for country in _SHARE
    }
    taken: set[str] = set()
    for number in count():
        country = draw.choices(countries, shares)[0]
        women, men, families = names[country]
        gender = draw.choices(("female", "male", "other"), (49, 49, 2))[0]
        first = draw.choice(women if gender == "female" or (gender == "other" and draw.random() < 0.5) else men)
        last = draw.choice(families).replace("-", " ")
        user = ".".join(part for part in (latin(first), latin(last)) if part) or "kontakt"
        born = date(1945, 1, 1) + timedelta(days=draw.randrange(23_000))
        email = f"{user}{number}@{draw.choice(_MAIL)}"
        other = f"{latin(first)[:1] or 'k'}{number}@work.example.com" if draw.random() < 0.2 else None
        phone = national_number(country, draw)
        for _ in range(20):  # a number has one owner while there are enough of them
            if phone not in taken:
                break
            phone = national_number(country, draw)
        taken.add(phone)
        yield Person(
            id=f"p{number:06d}",
            first_name=first,
            last_name=last,
            gender=gender,
            country=country,
            language=_LANGUAGE[country],
            email=email,
            other_email=other,
            phone_prefix=_PREFIX[country],
            phone_number=phone,
            born=born,
        )
