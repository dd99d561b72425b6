"""Features of relevance, read from profiles, names and past contracts."""

from __future__ import annotations

import numpy as np

from matcher.core.arrays import AnyInts, Doubles, run_starts
from matcher.law.types import Signal
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.feature import DONE, LOT, NAMED, SAYS, feature
from matcher.ranking.features.positions import Values
from matcher.register.rows import best
from models import exact, text

_WINNERS = 400
"""How many of the contracts closest in meaning supply the names of winners."""
_WEIGHT_BITS = 20
"""With vectors on their own grid, sums of weighted vectors are exact."""


@feature(Signal.RELEVANCE, SAYS)
def profile_words(context: FeatureContext) -> Values:
    """How much of the key words of the lot and its category the profile contains."""
    return context.candidates.profile


@feature(Signal.RELEVANCE, SAYS)
def told_words(context: FeatureContext) -> Values:
    """How much of the lot's key words the profile and the names contain together."""
    return context.candidates.profile_and_name


@feature(Signal.RELEVANCE, NAMED)
def name_words(context: FeatureContext) -> Values:
    """How much of the key words of the lot and its category the names contain."""
    return context.candidates.name


@feature(Signal.RELEVANCE, DONE)
def past_words(context: FeatureContext) -> Values:
    """How similar in words its most similar past contract is."""
    return context.max_by_award(context.candidates.past.likeness)


@feature(Signal.RELEVANCE, DONE)
def past_category(context: FeatureContext) -> Values:
    """How many CPV digits its closest past contract shares, as a part of eight."""
    return context.max_by_award(context.candidates.past.depth) / np.float32(8)


@feature(Signal.RELEVANCE, DONE)
def past_words_and_category(context: FeatureContext) -> Values:
    """How similar in words its most similar past contract in the same CPV group is."""
    past, (_, award) = context.candidates.past, context.wins
    return context.max_over_wins(np.where(past.depth[award] >= 3, past.likeness[award], 0))


@feature(Signal.RELEVANCE, SAYS)
def profile_meaning(context: FeatureContext) -> Values:
    """How close in meaning the profile is to the lot."""
    return context.candidates.profile_meaning


@feature(Signal.RELEVANCE, NAMED)
def name_meaning(context: FeatureContext) -> Values:
    """How close in meaning the name is to the lot, as the names of past winners are."""
    return context.candidates.name_meaning


@feature(Signal.RELEVANCE, NAMED)
def name_meaning_beside_best(context: FeatureContext) -> Values:
    """How close in meaning the name is to the lot, relative to the best candidate."""
    return context.share_of_best(context.candidates.name_meaning)


@feature(Signal.RELEVANCE, NAMED)
def name_meaning_of_title(context: FeatureContext) -> Values:
    """How close in meaning the name is to the lot's title alone."""
    lot, embedder = context.query.meaning, context.query.knowledge.embedder
    if lot is None or embedder is None:
        return np.zeros(len(context.candidates.rows), np.float32)
    title = {
        stem: 1.0
        for stem in text.words(context.analyzed.lot.title)
        if stem in context.analyzed.words
    }
    return context.name_vectors @ embedder.text(title)


@feature(Signal.RELEVANCE, NAMED)
def named_like_winners(context: FeatureContext) -> Values:
    """How close the name is to the names of winners of the most similar contracts."""
    lot, meaning = context.query.meaning, context.candidates.past.meaning
    if lot is None or not len(meaning):
        return np.zeros(len(context.candidates.rows), np.float32)
    near = np.sort(best(meaning, _WINNERS, lambda award: award))
    at, winners = context.register.winners.of_many(near)
    sharpened = exact.power(meaning[near] / max(float(meaning.max()), 1e-6), 8)
    weight = exact.on_grid(sharpened, _WEIGHT_BITS)[at]
    each: AnyInts = winners
    if not context.query.counts(Signal.RECORD):
        each, weight = _once_each(winners, weight)
    middle = weight @ lot.vectors.names[each].astype(np.float64)
    return context.name_vectors @ exact.unit(middle)


def _once_each(winner: AnyInts, weight: Doubles) -> tuple[AnyInts, Doubles]:
    """Each winner with the greatest of its weights, however many contracts it won."""
    ranked = np.lexsort((-weight, winner))
    first = ranked[run_starts(winner[ranked])]
    return winner[first], weight[first]


@feature(Signal.RELEVANCE, DONE)
def past_meaning(context: FeatureContext) -> Values:
    """How close in meaning its closest past contract is."""
    return context.max_by_award(context.candidates.past.meaning)


@feature(Signal.RELEVANCE, DONE)
def past_meaning_beside_best(context: FeatureContext) -> Values:
    """How close in meaning its closest past contract is, relative to the best candidate."""
    return context.share_of_best(past_meaning.values(context))


@feature(Signal.RELEVANCE, DONE)
def past_meaning_usual(context: FeatureContext) -> Values:
    """How close in meaning its past contracts are on average."""
    _, award = context.wins
    return context.mean_over_wins(context.candidates.past.meaning[award])


@feature(Signal.RELEVANCE, DONE)
def past_title(context: FeatureContext) -> Values:
    """How similar its most similar past title is, word for word."""
    return context.max_by_award(context.title_likeness)


@feature(Signal.RELEVANCE, DONE)
def past_title_beside_best(context: FeatureContext) -> Values:
    """How similar its most similar past title is, relative to the best candidate."""
    return context.share_of_best(past_title.values(context))


@feature(Signal.RELEVANCE, DONE)
def past_words_beside_best(context: FeatureContext) -> Values:
    """How similar in words its most similar past contract is, relative to the best candidate."""
    return context.share_of_best(past_words.values(context))


@feature(Signal.RELEVANCE, DONE)
def past_words_together(context: FeatureContext) -> Values:
    """How much of the lot's key words its past contracts contain together."""
    return context.bm25_score(
        context.register.past.postings(context.query.past, context.register.known_awards)
    )


@feature(Signal.RELEVANCE, DONE)
def past_codes_together(context: FeatureContext) -> Values:
    """How much of the lot's CPV codes its past contracts cover together."""
    return context.share_of_best(context.codes_score)


@feature(Signal.RELEVANCE, DONE)
def past_category_share(context: FeatureContext) -> Values:
    """The share of its past contracts in the same CPV class."""
    _, award = context.wins
    return context.mean_over_wins((context.candidates.past.depth[award] >= 4).astype(np.float32))


@feature(Signal.RELEVANCE, SAYS)
def seldom_sells(context: FeatureContext) -> Values:
    """Whether it is a school, a parents' association, a grant-maker or a membership body."""
    return context.register.columns.seldom_sells[context.candidates.rows].astype(np.float32)


@feature(Signal.RELEVANCE, LOT)
def lot_is_usual(context: FeatureContext) -> Values:
    """How close in meaning the closest past contract of any provider is."""
    return context.constant(context.candidates.past.meaning.max(initial=0))


@feature(Signal.RELEVANCE, LOT)
def lot_division(context: FeatureContext) -> Values:
    """The CPV division (first two digits) of the lot; 0 where it has no code."""
    codes = context.analyzed.lot.cpv
    return context.constant(float(codes[0][:2]) if codes else 0.0)


@feature(Signal.RELEVANCE, LOT)
def lot_length(context: FeatureContext) -> Values:
    """The number of different words in the lot's text (logarithm)."""
    return context.constant(float(exact.log1p(len(context.analyzed.words))))


FEATURES = (
    profile_words,
    told_words,
    name_words,
    past_words,
    past_category,
    past_words_and_category,
    profile_meaning,
    name_meaning,
    name_meaning_beside_best,
    name_meaning_of_title,
    named_like_winners,
    past_meaning,
    past_meaning_beside_best,
    past_meaning_usual,
    past_title,
    past_title_beside_best,
    past_words_beside_best,
    past_words_together,
    past_codes_together,
    past_category_share,
    seldom_sells,
    lot_is_usual,
    lot_division,
    lot_length,
)
