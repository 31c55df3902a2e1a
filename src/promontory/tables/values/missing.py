"""What people and programs write where no answer was given."""

from __future__ import annotations

import unicodedata

# One language or tool a line; compared without case and accents.
_LINES = (
    "-|--|---|.|..|...|…|?|–|—|/|*|_",
    "na|n/a|n.a.|n.a|n/d|nd|n.d.|nan|null|none|nil|<na>|nat|undefined|void|#n/a|#n/a n/a",
    "(null)|(none)|(blank)|(empty)|blank|empty|missing|unknown|skip|skipped",
    "no answer|no response|no reply|did not answer|not answered|not applicable|not asked",
    "prefer not to say|don't know|dont know|do not know|dk|refused|declined|no opinion",
    "sans reponse|sans objet|non renseigne|non repondu|pas de reponse|aucune reponse|s/o|vide",
    "ne sait pas|nsp|nspp|ne se prononce pas",
    "keine angabe|k.a.|k. a.|k/a|keine antwort|weiss nicht|nicht beantwortet|leer|entfallt",
    "sin respuesta|no contesta|ns/nc|nsnc|no sabe|no aplica|vacio",
    "sem resposta|nao se aplica|nao sei|nao respondeu|vazio",
    "nessuna risposta|non so|non risponde|non applicabile|vuoto",
    "geen antwoord|niet van toepassing|nvt|n.v.t.|weet niet|leeg",
    "brak|brak odpowiedzi|nie wiem|nie dotyczy",
    "нет ответа|н/д|未回答|無回答|无|不适用",
)


def folded(text: str) -> str:
    """The text without case, accents and typographic quotes: how names and words are compared."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).replace("’", "'")
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch))


WORDS = frozenset(folded(word) for line in _LINES for word in line.split("|"))
LONGEST_WORD = max(map(len, WORDS))
