"""Comments of the demo company's customers: a topic, a mood and a language each.

Each phrase list is (topic → (praise, complaint)); a comment is one or two of them with an opening.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Phrases = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]

WORDS: dict[str, Phrases] = {
    "en": {
        "delivery": (
            ("The delivery came exactly when promised.", "The driver was friendly and early."),
            ("The delivery was two days late again.", "Nobody told us the truck was delayed."),
        ),
        "support": (
            ("Support solved it in one call.", "The technician knew what she was doing."),
            ("I waited a week for an answer from support.", "Three agents, three answers."),
        ),
        "price": (
            ("Fair price for what we get.", "The contract is clear and the invoice matches it."),
            ("The price went up without a word.", "The invoice was wrong for the third time."),
        ),
        "product": (
            ("The platform never let us down.", "The new forklifts are a joy to drive."),
            ("The crane stood still for a day.", "The app signs me out all the time."),
        ),
    },
    "de": {
        "delivery": (
            ("Die Lieferung kam pünktlich.", "Der Fahrer war sehr freundlich."),
            (
                "Die Lieferung kam wieder zu spät.",
                "Niemand hat uns über die Verspätung informiert.",
            ),
        ),
        "support": (
            ("Der Support hat sofort geholfen.", "Der Techniker war kompetent."),
            ("Eine Woche auf eine Antwort gewartet.", "Jeder am Telefon sagt etwas anderes."),
        ),
        "price": (
            ("Faires Preis-Leistungs-Verhältnis.", "Die Rechnung stimmt immer."),
            ("Die Preise wurden ohne Hinweis erhöht.", "Die Rechnung war schon wieder falsch."),
        ),
        "product": (
            ("Die Bühne läuft ohne Störung.", "Die neuen Stapler sind hervorragend."),
            ("Der Kran stand einen Tag still.", "Die App meldet mich ständig ab."),
        ),
    },
    "fr": {
        "delivery": (
            ("La livraison est arrivée à l'heure.", "Le chauffeur était très aimable."),
            (
                "La livraison a encore deux jours de retard.",
                "Personne ne nous a prévenus du retard.",
            ),
        ),
        "support": (
            ("Le support a réglé le problème en un appel.", "Technicienne très compétente."),
            ("Une semaine d'attente pour une réponse.", "Chaque interlocuteur dit autre chose."),
        ),
        "price": (
            ("Bon rapport qualité-prix.", "Le contrat est clair."),
            ("Les prix ont augmenté sans prévenir.", "La facture est encore fausse."),
        ),
        "product": (
            ("La nacelle fonctionne parfaitement.", "Les nouveaux chariots sont très bien."),
            ("La grue est restée en panne une journée.", "L'application se déconnecte sans cesse."),
        ),
    },
    "es": {
        "delivery": (
            ("La entrega llegó puntual.", "El conductor fue muy amable."),
            ("La entrega llegó tarde otra vez.", "Nadie nos avisó del retraso."),
        ),
        "support": (
            ("El soporte lo resolvió en una llamada.", "La técnica sabía lo que hacía."),
            ("Esperé una semana una respuesta.", "Cada agente dice una cosa distinta."),
        ),
        "price": (
            ("Precio justo.", "El contrato es claro."),
            ("Subieron el precio sin avisar.", "La factura estaba mal otra vez."),
        ),
        "product": (
            ("La plataforma nunca falla.", "Las carretillas nuevas son estupendas."),
            ("La grúa estuvo parada un día.", "La aplicación cierra la sesión siempre."),
        ),
    },
    "nl": {
        "delivery": (
            ("De levering kwam precies op tijd.", "De chauffeur was vriendelijk."),
            ("De levering was weer te laat.", "Niemand heeft ons gewaarschuwd."),
        ),
        "support": (
            ("De helpdesk loste het meteen op.", "De monteur wist wat hij deed."),
            ("Een week gewacht op antwoord.", "Iedereen zegt iets anders."),
        ),
        "price": (
            ("Eerlijke prijs.", "De factuur klopt altijd."),
            ("De prijs ging zonder bericht omhoog.", "De factuur was weer fout."),
        ),
        "product": (
            ("De hoogwerker doet het altijd.", "De nieuwe heftrucks zijn prima."),
            ("De kraan stond een dag stil.", "De app logt me steeds uit."),
        ),
    },
    "pl": {
        "delivery": (
            ("Dostawa była na czas.", "Kierowca był bardzo miły."),
            ("Dostawa znowu się spóźniła.", "Nikt nas nie uprzedził o opóźnieniu."),
        ),
        "support": (
            ("Wsparcie pomogło od razu.", "Technik był kompetentny."),
            ("Tydzień czekania na odpowiedź.", "Każdy mówi co innego."),
        ),
        "price": (
            ("Uczciwa cena.", "Faktura zawsze się zgadza."),
            ("Cena wzrosła bez uprzedzenia.", "Faktura znowu była błędna."),
        ),
        "product": (
            ("Podnośnik nigdy nie zawodzi.", "Nowe wózki są świetne."),
            ("Dźwig stał cały dzień.", "Aplikacja ciągle mnie wylogowuje."),
        ),
    },
}


def write_comments(
    scores: NDArray[np.int64],
    languages: Sequence[str] | NDArray[np.object_],
    random: np.random.Generator,
    *,
    share: float,
) -> list[str | None]:
    """Return a comment for that share of the answers; who is unhappy writes more often."""
    keen = np.where(scores <= 6, 1.8, np.where(scores >= 9, 0.8, 0.6))
    writes = random.random(len(scores)) < share * keen
    topic = random.integers(0, 4, len(scores))
    second = random.integers(0, 8, len(scores))
    choice = random.integers(0, 2, (len(scores), 2))
    praises = random.random(len(scores)) < np.clip((scores - 3) / 7, 0.02, 0.98)
    comments: list[str | None] = []
    for row, language in enumerate(languages):
        if not writes[row]:
            comments.append(None)
            continue
        phrases = list(WORDS[language].values())
        mood = 0 if praises[row] else 1
        text = phrases[topic[row]][mood][choice[row, 0]]
        if second[row] < 4 and second[row] != topic[row]:
            text += " " + phrases[second[row]][mood][choice[row, 1]]
        comments.append(text)
    return comments
