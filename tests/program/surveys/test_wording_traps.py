"""The traps of wording, planted one by one, are found; honest texts are left alone."""

from __future__ import annotations

import pytest

from promontory.program.surveys.rules import texts
from promontory.program.surveys.rules.wording import (
    REFUSE,
    WARN,
    findings_of_language,
    findings_of_own_question,
    findings_of_text,
)

LANGUAGES = texts.languages()
QUESTION = "recommend.question"


def found(code: str, key: str, text: str) -> list[tuple[str, str]]:
    language = LANGUAGES[code]
    return [
        (each.level, each.sentence)
        for each in findings_of_text(language, key, text, language.texts)
    ]


@pytest.mark.parametrize(
    ("code", "key", "text", "sentence"),
    [
        ("en", QUESTION, "Would you recommend {brand} to a friend?", "yes or no"),
        ("de", QUESTION, "Würden Sie {brand} weiterempfehlen?", "yes or no"),
        ("fr", QUESTION, "Recommanderiez-vous {brand} à un ami ?", "yes or no"),
        ("ja", QUESTION, "{brand}を薦めますか。", "yes or no"),
        ("ar", QUESTION, "هل توصي بـ{brand} لصديق؟", "yes or no"),
        ("en", "recommend.high", "Very likely", "“very” stands for “extremely”"),
        ("de", "recommend.high", "Sehr wahrscheinlich", "“sehr” stands for “extremely”"),
        ("fr", "recommend.high", "Très probable", "“très” stands for “extremely”"),
        ("es", "recommend.high", "Muy probable", "“muy” stands for “extremely”"),
        ("zh-Hans", "recommend.high", "非常有可能", "“非常” stands for “extremely”"),
        ("ru", "recommend.high", "Очень вероятно", "“очень” stands for “extremely”"),
        ("en", "recommend.low", "Somewhat unlikely", "“somewhat” names a middle"),
        ("en", "recommend.high", "Neutral", "“neutral” names a middle"),
        ("en", "recommend.low", "Extremely likely", "what the other end"),
        ("en", "recommend.high", "Not at all likely", "what the other end"),
        ("en", "recommend.low", "😡 Not at all likely", "colour or face"),
        ("en", QUESTION, "How likely is it that you would recommend us?", "{brand} is missing"),
        ("en", QUESTION, "How likely is it that you recommend {brand}, {mood}?", "{mood} is not"),
        ("en", QUESTION, "How likely {brand} from 1 to 10?", "scale from 1 to 10"),
        ("en", QUESTION, "How likely {brand} from 1 to 5?", "scale from 1 to 5"),
        ("fa", QUESTION, "چقدر احتمال دارد {brand} از ۱ تا ۱۰", "scale from 1 to 10"),
        ("en", QUESTION, "How likely {brand}, from 0 to 100?", "scale from 0 to 100"),
        ("en", QUESTION, "How likely is {brand}? Green is best", "colour or face"),
        ("en", QUESTION, "How likely is {brand}? <b>Say</b>", "HTML"),
        ("en", QUESTION, "How likely is {brand} {", "brace"),
        ("en", QUESTION, "How likely is {brand} \u202eevil", "invisible marks"),
        ("ar", "page.thanks", "Thank you for your answer.", "not written in the script"),
        ("en", "page.thanks", "Спасибо за ответ", "not written in the script"),
        ("en", "page.error.choose", "", "empty"),
        ("en", "page.error.choose", "Please choose a number.", "{high} is missing"),
        ("en", "page.thanks", "x" * 1001, "1001 characters"),
        ("pl", "brand.accusative", "firmę {company}", "knows {brand} alone"),
    ],
)
def test_a_trap_is_refused(code: str, key: str, text: str, sentence: str) -> None:
    refused = [said for level, said in found(code, key, text) if level == REFUSE]
    assert any(sentence in said for said in refused), refused


@pytest.mark.parametrize(
    ("code", "key", "text", "sentence"),
    [
        ("en", "csat.question", "How satisfied are you with our great {brand}?", "“great” leads"),
        ("en", "csat.question", "How satisfied are you with {brand} and its price?", "“and” may"),
        ("zh-Hans", "page.thanks", "感謝您的回答", "other Chinese script"),
        ("en", "mail.subject", "{brand} " + "asks you " * 10, "characters with the brand"),
        ("en", "sms.thanks", "thank you " * 50, "text messages"),
    ],
)
def test_a_doubt_is_shown_and_not_refused(code: str, key: str, text: str, sentence: str) -> None:
    levels = [level for level, said in found(code, key, text) if sentence in said]
    assert levels == [WARN]


@pytest.mark.parametrize(
    ("code", "key", "text"),
    [
        ("en", QUESTION, "From 0 to 10, how likely are you to recommend {brand}?"),
        ("en", "page.thanks", "Thank you very much for your great answer!"),
        ("en", "reason.question", "What made you choose this score?"),
        ("de", QUESTION, "Wie wahrscheinlich ist es, dass Sie die {brand} weiterempfehlen?"),
        ("th", "preferences.sms", "ทาง SMS"),
        ("pl", "brand.accusative", "Żabkę"),
        ("ru", "brand.genitive", "Acme"),
    ],
)
def test_an_honest_text_is_left_alone(code: str, key: str, text: str) -> None:
    assert found(code, key, text) == []


def test_what_is_missing_is_said() -> None:
    english = LANGUAGES["en"]
    said = dict(english.texts) | {"page.next": ""}
    [finding] = findings_of_language(english, said)
    assert (finding.level, finding.key) == (WARN, "page.next")
    assert finding.remedy == "It is shown in English until there is one."


def test_a_question_of_ones_own_is_looked_at_too() -> None:
    english = LANGUAGES["en"]
    assert findings_of_own_question(english, "How was the waiting time?") == []
    [leading] = findings_of_own_question(english, "What did you love most?")
    assert leading.sentence == "“love” leads to a good answer."
    [refused] = findings_of_own_question(english, "Would you recommend us?", metric="nps")
    assert refused.level == REFUSE


def test_every_language_knows_its_words_for_the_traps() -> None:
    named = {"very", "likely", "leading", "middle", "yes_no", "and", "colours"}
    assert [code for code, each in LANGUAGES.items() if set(each.lint) != named] == []
    assert [code for code, each in LANGUAGES.items() if not all(each.lint.values())] == []


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_the_word_for_very_is_refused_in_every_language(code: str) -> None:
    language = LANGUAGES[code]
    weak = f"{language.lint['very'][0]} {language.texts['recommend.high']}"
    assert [level for level, said in found(code, "recommend.high", weak)
            if "stands for" in said] == [REFUSE]  # fmt: skip
