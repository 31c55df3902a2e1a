"""What columns are called in the exports of the world: role → names, compared folded (no case,
accents or punctuation). Order within a role is preference."""

from __future__ import annotations

from promontory.tables.values.missing import folded

# Whole names. A list per role; one language or tool a line.
_NAMES: dict[str, tuple[str, ...]] = {
    "score": (
        "nps score|nps|nps rating|nps answer|nps value|score|rating|answer score|survey score",
        "likelihood to recommend|likely to recommend|ltr|recommendation|recommend",
        "recommend score",
        "net promoter score|net promoter|nps note|note|note nps|recommandation",
        "note de recommandation",
        "bewertung|weiterempfehlung|weiterempfehlungsbereitschaft|punktzahl|nps wert",
        "puntuacion|calificacion|recomendacion|nota|puntaje|recomendacao|pontuacao|avaliacao",
        "punteggio|voto|raccomandazione|valutazione|beoordeling|aanbeveling|cijfer|ocena",
        "оценка|评分|スコア|推奨度",
        "csat|csat score|satisfaction score|ces|ces score|effort score|answer|response value",
        "fft categorical answer|q nps|nps group score",
    ),
    "id": (
        "response id|responseid|response uuid|answer id|submission id|respondent response id",
        "survey response id",
        "id|uuid|record id|recordid|token|entry id|feedback id|comment id|id reponse",
        "antwort id|id respuesta",
    ),
    "at": (
        "answered at|responded at|response date|responsedate|response time|completed at",
        "completed",
        "submitted at|submit date|submission date|submittime|end date|enddate|recorded date",
        "recordeddate",
        "created at|created|createdat|creation date|date created|date|day|timestamp|datetime",
        "time|answer date",
        "survey completed|date submitted|date de reponse|repondu le|date reponse|horodatage",
        "datum|zeitstempel",
        "antwortdatum|beantwortet am|fecha|fecha de respuesta|data|data da resposta",
        "data risposta|дата|日付|日期|responded on",
    ),
    "person": (
        "customer id|customerid|customer|customer number|customer no|client id|clientid",
        "contact id|contactid",
        "person id|personid|person|user id|userid|member id|respondent id|respondentid",
        "respondent|recipient id|panelist id",
        "external reference|external data reference|externalreference|subscriber id",
        "card number|loyalty id",
        "id client|numero client|client|kundennummer|kunden id|kunde|id cliente|cliente id",
        "cliente|klantnummer|klant id",
    ),
    "email": (
        "email|e mail|email address|mail|e mail address|customer email|recipient email",
        "recipientemail|person email",
        "contact email|courriel|adresse e mail|adresse email|adresse mail|e mail adresse",
        "correo|correo electronico|emailadres",
    ),
    "phone": (
        "phone|phone number|mobile|mobile number|telephone|tel|cell|cellphone|msisdn",
        "sms number|customer phone",
        "numero de telephone|portable|telefon|telefonnummer|handy|telefono|movil|telefone",
        "celular|telefoon",
    ),
    "name": (
        "name|full name|first name|firstname|last name|lastname|surname|customer name",
        "contact name|recipientfirstname",
        "recipientlastname|nom|prenom|vorname|nachname|nombre|apellido|nome|cognome|naam",
        "person name",
    ),
    "account": (
        "account|account id|accountid|account name|company|company id|company name",
        "organisation|organization",
        "organisation id|organization id|employer|household|household id|site id|cluster|firm",
        "business",
        "entreprise|societe|compte|firma|unternehmen|konto|empresa|cuenta|azienda|societa",
        "bedrijf|konto id",
    ),
    "comment": (
        "comment|comments|verbatim|verbatims|feedback|reason|reasons|explanation|open text",
        "open answer|text|review",
        "nps comment|nps reason|why|open ended response|message|remarks|remark|nps feedback",
        "answer text|customer comment",
        "explication|explications|commentaire|commentaires|raison|remarque|pourquoi|avis",
        "kommentar|kommentare|begrundung",
        "grund|anmerkung|comentario|comentarios|motivo|razon|commento|commenti|opmerking",
        "toelichting|komentarz|комментарий|评论|コメント",
    ),
    "language": (
        "language|lang|locale|survey language|userlanguage|user language|answer language",
        "langue|sprache|idioma|lingua|taal",
    ),
    "channel": (
        "channel|source|survey channel|distribution channel|distributionchannel|medium|mode",
        "collector|delivery method|delivery",
        "survey medium|canal|kanal|canale|kanaal|collection mode|survey type",
    ),
    "survey": (
        "survey|survey id|surveyid|survey name|campaign|campaign id|campaign name",
        "questionnaire|study|project|wave",
        "touchpoint|journey|enquete|umfrage|encuesta|sondaggio",
    ),
    "weight": (
        "weight|weights|survey weight|sampling weight|design weight|case weight|base weight",
        "wgt|wt|weighting",
        "poids|ponderation|gewicht|gewichtung|peso|ponderacion|pw",
    ),
}
# Parts of a question's text that say its role (survey exports head columns with the question).
_PHRASES: dict[str, tuple[str, ...]] = {
    "score": (
        "how likely",
        "likely are you to recommend",
        "would you recommend",
        "likelihood to recommend",
        "recommanderiez vous",
        "recommander",
        "probabilite que vous recommand",
        "wie wahrscheinlich",
        "weiterempfehlen",
        "que probabilidad",
        "recomendaria",
        "con quale probabilita",
        "consigliere",
        "raccomand",
        "hoe waarschijnlijk",
        "aanbevelen",
        "sannolikt",
        "jak prawdopodobne",
        "вероятно",
        "polecisz",
    ),
    "comment": (
        "why did you",
        "what is the reason",
        "main reason",
        "primary reason",
        "please explain",
        "tell us more",
        "anything else",
        "what could we",
        "how could we",
        "pourquoi",
        "raison principale",
        "warum",
        "por que",
        "perche",
        "waarom",
        "please describe",
    ),
}


def plain(name: str) -> str:
    """A column's name as words: "responseDate", "Response_Date" and "RÉSPONSE date" are one."""
    spaced = "".join(
        f" {ch}" if ch.isupper() and place and name[place - 1].islower() else ch
        for place, ch in enumerate(name)
    )
    return " ".join("".join(ch if ch.isalnum() else " " for ch in folded(spaced)).split())


NAMES: dict[str, dict[str, int]] = {
    role: {
        plain(name): place
        for place, name in enumerate(name for line in lines for name in line.split("|"))
    }
    for role, lines in _NAMES.items()
}


def roles_of_name(name: str) -> dict[str, int]:
    """The roles a column of this name may have, with a rank (0: the very name; higher: weaker)."""
    words = plain(name)
    squeezed = words.replace(" ", "")
    found: dict[str, int] = {}
    for role, names in NAMES.items():
        if words in names:
            found[role] = names[words]
        elif squeezed in _SQUEEZED[role]:
            found[role] = _SQUEEZED[role][squeezed]
    for role, phrases in _PHRASES.items():
        if role not in found and any(phrase in words for phrase in phrases):
            found[role] = 100
    return found


_SQUEEZED = {
    role: {name.replace(" ", ""): rank for name, rank in names.items() if len(name) > 3}
    for role, names in NAMES.items()
}
