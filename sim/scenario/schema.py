"""The fields of a scenario: type, unit, range and help, the one source of errors, JSON Schema and reference page."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Tag

from sim.scenario.fields import (
    SCENARIO_ID_PATTERN,
    Base,
    Condition,
    Confidence,
    Day,
    Deadline,
    Directions,
    EitherNames,
    Flag,
    Happenings,
    Id,
    Label,
    Moment,
    Named,
    Names,
    OneOrMany,
    Range,
    Real,
    Regimes,
    Shorthand,
    Statuses,
    StepName,
    Terms,
    Text,
    Version,
    Whole,
    by_key,
    either_levels_or_shape,
    either_name_or_mapping,
    tag_of,
)
from sim.scenario.hashes import model_hash, text_hash
from sim.scenario.leaf import UNCERTAIN, Bounds, Leaf, constant, described, uncertain_schema
from sim.scenario.walk import leaves, source_of, unsourced

__all__ = [
    "Leaf",
    "Scenario",
    "json_schema",
    "leaves",
    "model_hash",
    "source_of",
    "text_hash",
    "unsourced",
]

ZERO = constant(0)
ONE = constant(1)

Share = Annotated[Leaf, Bounds(0, 1)]
Number = Annotated[Leaf, Bounds()]
NonNegative = Annotated[Leaf, Bounds(0)]
Positive = Annotated[Leaf, Bounds(0, above=True)]
Factor = Annotated[Leaf, Bounds(0, 1, above=True)]
Rate = Annotated[Leaf, Bounds(0, 1e4, sane=True)]
Precision = Annotated[Leaf, Bounds(0, 1e6, above=True, sane=True)]
Exponent = Annotated[Leaf, Bounds(0, 1e3, above=True, sane=True)]
Flows = dict[str, Number]
FLOW = "best-minus-worst flow"


class SourceNote(Base):
    """Where a number or a statement comes from."""

    title: Label = described("what it is called")
    url: Label | None = described("where it can be read", default=None)
    date: Day | None = described("when it was published", default=None)
    confidence: Confidence | None = described("how far it can be trusted: H, M or L", default=None)


class Years(Base):
    """A step of a stated length."""

    years: Annotated[Real, Field(gt=0, le=100)] = described("length of one step", "years")


class Time(Base):
    """Steps, the window that is simulated and the deadline that the parties believe in."""

    start: Day | None = described("first day of the first step; without it results are labelled by step", default=None)
    step: Annotated[
        Annotated[StepName, Tag("<name>")] | Annotated[Years, Tag("<mapping>")],
        either_name_or_mapping(),
    ] = described("length of one step; `round` is one year without a calendar")
    window: Annotated[Whole, Field(ge=1, le=1200)] = described("how much is simulated and reported", "steps")
    deadline: Deadline = described("what the parties believe ends the game: none, a step or a date", default=None)
    at_deadline: Literal["breakdown", "status_quo"] = described(
        "which regime follows a missed deadline", default="breakdown"
    )
    look_ahead: Annotated[Whole, Field(ge=1, le=120)] = described(
        "how far the parties look ahead when there is no deadline", "steps", default=12
    )


class Meeting(Base):
    """When the parties meet: in every step, or as a Poisson process brings them together, at most once a step."""

    meetings: Rate | None = described(
        "how often they meet; nobody offers, or answers, in a step without a meeting; default in every step",
        "per year",
        default=None,
    )


class Alternating(Meeting):
    """The parties propose in turn."""

    kind: Literal["alternating"]
    first: Id = described("the party that proposes first, or random")


class OneSided(Meeting):
    """One party makes every proposal."""

    kind: Literal["one_sided"]
    by: Id = described("the party that proposes")


class RandomRecognition(Meeting):
    """Chance says in each round who proposes."""

    kind: Literal["random"]
    recognition: dict[str, NonNegative] = described(
        "each party's weight in the lot of who proposes; default equal", default={}
    )


class Simultaneous(Meeting):
    """Both parties propose in each round; turn about, one offer is answered first."""

    kind: Literal["simultaneous"]


class StackedAlternating(Base):
    """In each round both parties move in turn: a party answers the standing offer, and if it does not accept counters.

    The last offer of a round is answered in the next one. Nobody plans ahead in it: offers and answers go by the clock.
    """

    kind: Literal["stacked_alternating"]
    first: Id = described("the party that moves first in every round, or random")


Protocol = Annotated[
    Annotated[Alternating, Tag("<alternating>")]
    | Annotated[OneSided, Tag("<one_sided>")]
    | Annotated[RandomRecognition, Tag("<random>")]
    | Annotated[Simultaneous, Tag("<simultaneous>")]
    | Annotated[StackedAlternating, Tag("<stacked_alternating>")],
    tag_of("kind"),
]


class TimeDependent(Base):
    """Concedes by the clock: the share asked for falls as time runs."""

    strategy: Literal["time_dependent"]
    exponent: Exponent = described("shape of the concession: below 1 late, above 1 early")
    opening: Share = described("share conceded at once", default=ZERO)
    shape: Literal["polynomial", "exponential"] = described(
        "k + (1-k) s^(1/e), or exp((1-s)^e ln k), which needs an opening k above 0", default="polynomial"
    )
    clock: Literal["faratin", "stacked"] = described("how time is counted: t/T or (s+1)/(n+1)", default="faratin")
    until: Annotated[Whole, Field(ge=1, le=1200)] | None = described(
        "when the concession is complete; default the deadline or the window", "steps", default=None
    )


class HoldingOut(Base):
    """Offers, of all deals, the one worth least to it that is worth at least its aspiration, 1 - s^e of its range.

    s = (round + 1) / (rounds + 1); the range goes from its reservation (what the breakdown leaves it), or its worst
    deal if that is more, to its best deal. For the protocol stacked_alternating.
    """

    strategy: Literal["aspiration"]
    exponent: Exponent = described("e, the shape of the concession: above 1 late (Boulware), below 1 early")
    tolerance: NonNegative = described("by how much the aspiration is lowered", FLOW, default=constant(0.001))


class Bayesian(Base):
    """Offers what is best against its belief about the other side."""

    strategy: Literal["bayesian"]


class Equilibrium(Base):
    """Offers what backward induction on the contract curve gives."""

    strategy: Literal["equilibrium"]
    beliefs: Literal["exact", "certainty_equivalent"] = described(
        "exact: it sees the other exactly; certainty_equivalent: it solves the game that it perceives, anew each step",
        default="exact",
    )


class TitForTat(Base):
    """Concedes in its own utility what the other's last concession was worth to it."""

    strategy: Literal["tit_for_tat"]
    reciprocity: NonNegative = described("share of the other's last concession that is returned", default=ONE)
    opening: Share = described("share conceded in the first offer", default=ZERO)


class Zeuthen(Base):
    """Concedes where it risks more than the other, and just enough; for the simultaneous protocol."""

    strategy: Literal["zeuthen"]


class Lot(Base):
    """Offers any deal worth at least a refusal, by lot; a baseline."""

    strategy: Literal["random"]


class Fixed(Base):
    """Offers a script of complete terms in turn; the last repeats."""

    strategy: Literal["fixed"]
    script: Annotated[tuple[Terms, ...], Field(min_length=1, max_length=1200)] = described("the offers, in turn")


Offers = Annotated[
    Annotated[TimeDependent, Tag("<time_dependent>")]
    | Annotated[Bayesian, Tag("<bayesian>")]
    | Annotated[Equilibrium, Tag("<equilibrium>")]
    | Annotated[Fixed, Tag("<fixed>")]
    | Annotated[TitForTat, Tag("<tit_for_tat>")]
    | Annotated[Zeuthen, Tag("<zeuthen>")]
    | Annotated[Lot, Tag("<random>")]
    | Annotated[HoldingOut, Tag("<aspiration>")],
    tag_of("strategy"),
]


class GoingOn(Base):
    """Accepts what is worth at least going on."""

    strategy: Literal["going_on"]


class Next(Base):
    """Accepts what is worth at least its own next offer, scaled by a factor and moved by a margin."""

    strategy: Literal["next"]
    factor: Positive = described("factor on the offer received", default=ONE)
    margin: Number = described("added to the offer received", FLOW, default=ZERO)


class Constant(Base):
    """Accepts what is worth at least a stated amount."""

    strategy: Literal["constant"]
    least: Number = described("least value accepted", FLOW)


class Aspiration(Base):
    """Accepts what is worth at least what it holds out for now, by the clock of its own offers."""

    strategy: Literal["aspiration"]


class ByTime(Base):
    """Accepts anything that beats its exits once a share of the time is over."""

    strategy: Literal["time"]
    after: Share = described("share of the time")


class Combi(Base):
    """Accepts as `next`; once a share of the time is over also what equals the best offer it ever heard."""

    strategy: Literal["combi"]
    factor: Positive = described("factor on the offer received", default=ONE)
    margin: Number = described("added to the offer received", FLOW, default=ZERO)
    after: Share = described("share of the time")


class OptimalStopping(Base):
    """Accepts what is worth more than to hear another offer, all offers being equally likely."""

    strategy: Literal["optimal_stopping"]


class Attrition(Base):
    """Gives in by lot, just often enough that the other gains nothing by holding out; for the simultaneous protocol."""

    strategy: Literal["attrition"]


ACCEPTING = (
    *("going_on", "next", "constant", "aspiration"),
    *("time", "combi", "optimal_stopping", "attrition"),
)
OFFERING = (
    *("time_dependent", "bayesian", "equilibrium", "fixed"),
    *("tit_for_tat", "zeuthen", "random", "aspiration"),
)
Accepts = Annotated[
    Annotated[GoingOn, Tag("<going_on>")]
    | Annotated[Next, Tag("<next>")]
    | Annotated[Constant, Tag("<constant>")]
    | Annotated[Aspiration, Tag("<aspiration>")]
    | Annotated[ByTime, Tag("<time>")]
    | Annotated[Combi, Tag("<combi>")]
    | Annotated[OptimalStopping, Tag("<optimal_stopping>")]
    | Annotated[Attrition, Tag("<attrition>")],
    tag_of("strategy"),
]


class Trust(Base):
    """What a party believes about the other's keeping of a deal."""

    breach_rate: Rate = described(
        "rate at which it believes that the other will break a deal", "per year", default=ZERO
    )
    after_breach: Annotated[Leaf, Bounds(1, 1e6, sane=True)] = described(
        "factor on that rate after a breach it suffered", default=constant(2)
    )


class Reading(Base):
    """What a party makes of the other's offers: it expects them to ask a little less in each round."""

    concession: Share = described(
        "how much less it expects the other to ask in each round, from its best deal on",
        "share of best minus worst terms",
        default=constant(0.05),
    )
    spread: Positive = described(
        "standard deviation of offers about what is expected", "share of best minus worst terms", default=constant(0.25)
    )


class Learning(Base):
    """How sharply a party reads what it sees."""

    precision: Precision = described("quantal-response precision of Bayes' rule", f"per {FLOW}")
    offers: Reading | None = described("what it makes of the other's offers; default nothing", default=None)


class Breach(Base):
    """When a party breaks a deal, and what follows."""

    precision: Precision = described("precision of the choice to break within a year", f"per {FLOW}")
    gain: Number = described("one-time gain of breaking", f"years of {FLOW}")
    terms: Terms = described("terms in force after the breach", default={})
    collapse: Share = described("chance that a breach ends in breakdown, not in talks", default=ZERO)


class Reopening(Base):
    """When a party calls a deal back to the table."""

    precision: Precision = described("precision of the choice to reopen within a year", f"per {FLOW}")
    cost: Number = described("cost of reopening", f"years of {FLOW}")


class Shape(Base):
    """Values of an issue with a range, as a curve over it."""

    shape: Literal["linear", "power", "logistic"] = described("form of the curve")
    best: Literal["low", "high"] = described("which end of the range is best")
    exponent: Exponent | None = described("exponent of a power curve", default=None)
    midpoint: Share | None = described("midpoint of a logistic curve, as a share of the range", default=None)
    steepness: Exponent | None = described("steepness of a logistic curve over the unit interval", default=None)


LevelValues = dict[str, Share]
Values = Annotated[Annotated[LevelValues, Tag("<levels>")] | Annotated[Shape, Tag("<shape>")], either_levels_or_shape()]


class Audience(Base):
    """The public at home that must carry a deal."""

    link: Literal["step", "logistic", "cdf"] = described("how support becomes a chance of ratification")
    threshold: Number = described("support at which a deal is carried", FLOW)
    precision: Precision | None = described("steepness of the logistic link", f"per {FLOW}", default=None)
    spread: NonNegative | None = described(
        "the cdf link's threshold is uniform on threshold +- spread", FLOW, default=None
    )
    weights: dict[str, NonNegative] | None = described(
        "weight of each issue, one left out has none; default the party's", default=None
    )
    values: dict[str, Values] | None = described("value of each level; default the party's", default=None)
    communities: dict[str, Number] = described("coefficient on each community's opinion", default={})
    on_failure: Literal["continue", "end"] = described(
        "what a failed ratification does: talks continue, or end in breakdown", default="continue"
    )


class Successor(Named):
    """Who takes a party's place: a government that follows one that fell."""

    after: Id = described("the move that brings it; from the next step on it sits at the table")
    breach_rate: Rate | None = described(
        "rate at which the other believes that it will break a deal; default what it believed of the party at first",
        "per year",
        default=None,
    )
    replace: dict[str, Number] = described("its own numbers, by path as for --set; all others are the party's")


class Party(Named):
    """One of the two principals."""

    discount_rate: Annotated[Leaf, Bounds(0, 100, sane=True)] | None = described(
        "how fast the future loses weight", "per year", default=None
    )
    discount_factor: Factor | None = described(
        "weight of the next step; instead of discount_rate", "per step", default=None
    )
    accuracy: Share = described("how well it sees the other's weights; 1 is exactly", default=ONE)
    offers: Annotated[Offers, Shorthand("strategy", *OFFERING)] = described("how it makes offers")
    accepts: Annotated[Accepts, Shorthand("strategy", *ACCEPTING)] = described("what it accepts")
    trust: Trust = described("what it believes about the other's keeping of a deal", default=Trust())
    learning: Learning | None = described("how it learns from what it sees; default sharp", default=None)
    breach: Breach | None = described("when it breaks a deal; absent: never", default=None)
    reopening: Reopening | None = described("when it reopens a deal; absent: never", default=None)
    audience: Audience | None = described("the public at home; absent: none is asked", default=None)
    successors: tuple[Successor, ...] = described("who takes its place when a move brings them", default=())


class ThirdParty(Named):
    """Somebody who acts but does not bargain."""


class Level(Named):
    """One level of an issue, listed from low to high."""

    negotiable: Flag = described("false where it can be in force but never be offered", default=True)
    years: Annotated[Real, Field(gt=0, le=1000)] | None = described(
        "length of a deal at this level", "years", default=None
    )


class Issue(Named):
    """One thing bargained over: ordered levels, or a range of numbers."""

    levels: Annotated[tuple[Level, ...], Field(min_length=2, max_length=2000)] | None = described(
        "levels from low to high", default=None
    )
    range: tuple[Real, Real] | None = described("lowest and highest number; instead of levels", default=None)
    unit: Label | None = described("unit of the range", default=None)
    points: Annotated[Whole, Field(ge=2, le=50)] | None = described("points of the grid over the range", default=None)
    continuous: Flag = described("true where every number of the range can be agreed", default=False)
    duration: Flag = described("true where the level says how long a deal lasts", default=False)
    weights: dict[str, NonNegative] = described("how much each party cares; normalised over issues")
    values: dict[str, Values] = described("worth of each level to each party, from 0 to 1")


class Expiry(Base):
    """What follows when a deal runs out."""

    terms: Terms = described("terms in force afterwards; issues left out take the status quo")


class Interim(Base):
    """What may be agreed while talks on the rest go on."""

    terms: Condition = described("levels that may be agreed ahead, by issue; issues left out stay as they are")


class Constraint(Base):
    """A combination that cannot be agreed."""

    exclude: Condition = described("the terms that cannot stand together")
    note: Text | None = described("why", default=None)


class StatusQuo(Base):
    """What is in force while talks go on."""

    terms: Terms = described("a level, or a number, for every issue")
    flows: Flows = described("added to each party's flow", FLOW, default={})


class Breakdown(Base):
    """A collapse that nobody chose."""

    rate: Rate | None = described("hazard of a collapse while talks go on", "per year", default=None)
    chance: Share | None = described("chance of a collapse after each rejection; instead of rate", default=None)
    terms: Terms = described("terms in force afterwards; issues left out take the status quo", default={})
    flows: Flows = described("added to each party's flow", FLOW, default={})
    absolute: Flag = described("true where the flows replace the value of the terms", default=False)


class Exit(Named):
    """A way out that one party may take."""

    by: Id = described("the party that may take it")
    from_: Moment | None = described("first step or date on which it is open", default=None, alias="from")
    until: Moment | None = described("last step or date on which it is open", default=None)
    terms: Terms = described("terms in force afterwards; issues left out take the status quo", default={})
    flows: Flows = described("added to each party's flow", FLOW, default={})
    absolute: Flag = described("true where the flows replace the value of the terms", default=False)
    settles: Literal["at_exit", "floating"] = described(
        "whether its value is frozen on the day or follows the environment", default="at_exit"
    )


class MeanShift(Base):
    """Something that moves a mean: exactly one of terms, move, variable."""

    terms: Condition | None = described("while these terms are in force", default=None)
    move: Id | None = described("once this move has happened", default=None)
    variable: Id | None = described("per unit of this variable or community", default=None)
    by: Number = described("how far the mean moves", "the variable's unit")


class Moving(Named):
    """Something of the environment that moves within bounds."""

    bounds: tuple[Real, Real] = described("lowest and highest value")
    start: Number = described("value at the start")
    reversion: Rate = described("speed of return to the mean", "per year", default=ZERO)
    volatility: NonNegative = described("standard deviation of the noise", "per square root of a year", default=ZERO)
    shifts: tuple[MeanShift, ...] = described("what moves the mean", default=())


class Variable(Moving):
    """A state of the world."""

    unit: Label | None = described("unit of the value", default=None)
    mean: Number = described("value to which it returns")
    pivotal: Flag = described("true where going on is averaged over its ways before anyone chooses", default=False)


class Community(Moving):
    """A part of the public with an opinion."""

    scale: Label | None = described("what the opinion's scale means", default=None)
    share: NonNegative = described("size relative to the other communities")
    anchor: Number = described("opinion that it would hold alone")
    openness: Share = described("how far the others' opinions pull it", default=ZERO)
    pulls: Annotated[dict[str, Annotated[Real, Field(ge=0)]], AfterValidator(by_key)] = described(
        "weight of each other community's opinion; default the shares", default={}
    )


class When(Base):
    """When a move can happen; all given keys must hold."""

    status: Annotated[tuple[Literal["talks", "agreement"], ...], OneOrMany()] | None = described("phases", default=None)
    from_: Moment | None = described("first step or date", default=None, alias="from")
    until: Moment | None = described("last step or date", default=None)
    terms: Condition | None = described("terms in force", default=None)
    after: Names = described("moves that must have happened", default=())
    unless: Names = described("moves that must not have happened", default=())


class Chosen(Base):
    """A move taken when its mover expects to gain by it."""

    precision: Precision | None = described(
        "precision of the choice within a year; without it, made at once where there is a gain",
        f"per {FLOW}",
        default=None,
    )


class Respond(Base):
    """A rival bid that answers: it rises to match what the party is offered."""

    party: Id = described("the party that is bid for")
    variable: Id = described("the variable through which the bid pays; effects on the party's exits read it")
    limit: Number = described("the most that is bid", "the variable's unit")


class Move(Named):
    """Something that a third party or a party may do."""

    by: Id = described("who does it: a third party or a party")
    rate: Rate | None = described("how often it happens", "per year", default=None)
    on: Moment | None = described("step or date of a scheduled move; instead of rate", default=None)
    chance: Share = described("chance that a scheduled move happens", default=ONE)
    chosen: Chosen | None = described("taken when its mover expects to gain by it; instead of rate", default=None)
    pivotal: Flag = described(
        "true where going on is averaged over whether it happens, before anyone chooses", default=False
    )
    repeats: Flag = described("true where it can happen again", default=False)
    when: When | None = described("conditions", default=None)
    jumps: dict[str, Number] = described("jump of each variable or community, in its unit", default={})
    lumps: dict[str, Number] = described("one-off gain of each party", f"years of {FLOW}", default={})
    collapse: Share = described("chance that it ends talks or an agreement in breakdown", default=ZERO)
    breach_rate: dict[str, Positive] = described(
        "factor on each party's believed rate of the other's breach", default={}
    )
    rival_bid: Flag = described("true where it competes with the deal", default=False)
    respond: Respond | None = described("how a rival bid answers offers once it has been made", default=None)


class Effect(Base):
    """One way in which the environment touches the bargain: coefficient times its driver.

    The driver is a variable or community, a move (1 once it has happened), or the constant 1. With `on: rate` the
    key `move` names the move whose rate is changed, with `on: gain` the chosen move whose gain to its mover
    is declared, and the driver is the variable or the constant 1.
    """

    id: Id = described("short name")
    on: Literal["flow", "exit", "support", "rate", "gain", "breakdown", "weight"] = described("what it acts on")
    party: Id | None = described("the party touched", default=None)
    exit: Id | None = described("the exit touched", default=None)
    issue: Id | None = described("the issue touched", default=None)
    variable: Id | None = described("driver: a variable or community", default=None)
    move: Id | None = described("driver: a move; with `on: rate` and `on: gain` the move touched", default=None)
    coefficient: Number = described("size per unit of the driver")
    terms: Condition | None = described("only while these terms are in force", default=None)
    status: Regimes | None = described("only in these regimes", default=None)


class Patron(Named):
    """Somebody on whom a party can lean."""

    base: NonNegative = described("size without anything else")
    variable: Id | None = described("variable that moves it", default=None)
    slope: Number = described("change of its size per unit of the variable", default=ZERO)
    terms: dict[str, dict[str, Number]] = described("added to its size by each level in force", default={})


class Reliance(Base):
    """The convex cost of leaning on one patron: cost times the Herfindahl index of the patrons' shares."""

    party: Id = described("the party that leans")
    cost: NonNegative = described("cost of leaning on one patron alone", FLOW)
    patrons: Annotated[tuple[Patron, ...], Field(min_length=1, max_length=50)] = described("those it leans on")


class Lump(Base):
    """A one-off gain (or, below 0, loss) at a transition."""

    on: Literal["signing", "interim", "failed_ratification", "breach", "exit", "reopening", "collapse", "expiry"] = (
        described("the transition")
    )
    exit: Id | None = described("which exit, with `on: exit`; default any", default=None)
    by: Id | None = described("the party that acts; default any", default=None)
    party: Id = described("the party that bears it")
    amount: Number = described("size", f"years of {FLOW}")
    terms: Condition | None = described("only with these terms", default=None)


class Predicate(Base):
    """A condition on how a draw stands; all given keys must hold, none means always."""

    status: Statuses | None = described("status", default=None)
    exit: EitherNames | None = described("exit taken", default=None)
    terms: Condition | None = described("terms in force", default=None)
    relative: dict[str, Directions] = described("terms against the status quo at the start", default={})
    variables: dict[str, Range] = described("values of variables and communities", default={})
    ever: Happenings = described("what has happened", default=())
    never: Happenings = described("what has not happened", default=())
    moved: Names = described("moves that have happened", default=())
    any: Annotated[tuple["Predicate", ...], Field(min_length=1)] | None = described("at least one holds", default=None)
    all: Annotated[tuple["Predicate", ...], Field(min_length=1)] | None = described("every one holds", default=None)
    not_: "Predicate | None" = described("does not hold", default=None, alias="not")


class Outcome(Named):
    """A class of ends; the first whose condition holds is a draw's outcome."""

    when: Predicate = described("what must hold; the last outcome takes the rest with {}")


class Question(Base):
    """A dated question with the answer yes or no."""

    id: Id = described("short name")
    text: Text = described("the question")
    by: Moment = described("step or date at which it is read")
    when: Predicate = described("what makes the answer yes")
    observed: Flag | None = described("the answer as it was seen", default=None)
    source: Text | None = described("where the answer was seen", default=None)


class ObservedOutcome(Base):
    """The outcome class that was seen from a date on."""

    from_: Day = described("first day", alias="from")
    outcome: Id = described("the outcome's id")
    source: Text | None = described("where it was seen", default=None)


class ObservedEvent(Base):
    """Something that was seen on a date."""

    date: Day = described("the day")
    label: Label = described("what happened")
    source: Text | None = described("where it was seen", default=None)


class Observed(Base):
    """What was seen afterwards; used by charts and scores alone."""

    until: Day = described("last day of what was seen")
    outcomes: tuple[ObservedOutcome, ...] = described("outcome classes", default=())
    events: tuple[ObservedEvent, ...] = described("events", default=())


class Correlation(Base):
    """Two uncertain numbers that tend to be high or low together."""

    between: tuple[Label, Label] = described("the paths of two numbers, by ids and keys as for --set")
    rank: Annotated[Real, Field(gt=-1, lt=1)] = described("Spearman's rank correlation, between -1 and 1")
    source: Text | None = described("key of `sources`, or free text", default=None)
    judgement: Text | None = described("why this much", default=None)
    confidence: Confidence | None = described("how far it can be trusted: H, M or L", default=None)
    note: Text | None = described("anything else", default=None)


class Sweep(Base):
    """Many points of this scenario, played by `parley sweep SCENARIO --name ID`; no run reads it."""

    id: Annotated[str, Field(pattern=SCENARIO_ID_PATTERN)] = described("short name; the folder is `sweep-ID`")
    note: Text | None = described("what it asks", default=None)
    vary: Annotated[tuple[Label, ...], Field(min_length=1, max_length=50)] = described(
        "what varies, each as for `--vary`: `PATH=LO:HI:N`, `PATH=A,B,C` or `PATH`"
    )
    design: Literal["grid", "lhs", "sobol", "halton"] = described("how points are laid out", default="grid")
    points: Annotated[Whole, Field(ge=1, le=10**9)] | None = described(
        "points of lhs, sobol or halton; default 64", default=None
    )
    draws: Annotated[Whole, Field(ge=1, le=10**9)] = described("draws for each point", default=2000)


class Scenario(Base):
    """A strategic bargain between two parties over time."""

    format_version: Version = described("version of this format")
    id: Annotated[str, Field(pattern=SCENARIO_ID_PATTERN)] = described("name of the scenario, equal to the file's name")
    title: Label = described("title")
    summary: Text = described("what it is about")
    notes: Text | None = described("anything else a reader should know", default=None)
    information_cutoff: Day | None = described("last day whose news went into the numbers", default=None)
    sources: dict[str, SourceNote] = described("sources by key", default={})
    time: Time = described("steps, window and deadline")
    protocol: Annotated[
        Protocol,
        Shorthand("kind", "alternating", "one_sided", "random", "simultaneous", "stacked_alternating"),
    ] = described("who proposes when")
    curve_points: Annotated[Whole, Field(ge=2, le=512)] = described("points kept of each contract curve", default=32)
    look_ahead_points: Annotated[Whole, Field(ge=2, le=512)] | None = described(
        "points of the curve looked at in rounds to come; default all", default=None
    )
    parties: Annotated[tuple[Party, ...], Field(min_length=2, max_length=2)] = described("exactly two parties")
    third_parties: tuple[ThirdParty, ...] = described("those who act but do not bargain", default=())
    issues: Annotated[tuple[Issue, ...], Field(min_length=1, max_length=12)] = described("what is bargained over")
    expiry: Expiry | None = described("what follows when a deal runs out; default the status quo", default=None)
    constraints: Annotated[tuple[Constraint, ...], Field(max_length=200)] = described(
        "excluded combinations", default=()
    )
    interim: Interim | None = described("what may be agreed while talks go on; default nothing", default=None)
    status_quo: StatusQuo = described("what is in force while talks go on")
    breakdown: Breakdown | None = described("a collapse that nobody chose; default never", default=None)
    exits: tuple[Exit, ...] = described("ways out", default=())
    variables: tuple[Variable, ...] = described("the state of the world", default=())
    communities: tuple[Community, ...] = described("parts of the public", default=())
    moves: tuple[Move, ...] = described("what others may do", default=())
    effects: tuple[Effect, ...] = described("how the environment touches the bargain", default=())
    reliance: tuple[Reliance, ...] = described("cost of leaning on one patron", default=())
    lumps: tuple[Lump, ...] = described("one-off gains and costs", default=())
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1, max_length=10)] = described(
        "classes of ends; the first match wins"
    )
    questions: tuple[Question, ...] = described("dated questions", default=())
    observed: Observed | None = described("what was seen afterwards; charts and scores alone", default=None)
    correlations: Annotated[tuple[Correlation, ...], Field(max_length=500)] = described(
        "uncertain numbers that go together; all others are independent", default=()
    )
    sweeps: Annotated[tuple[Sweep, ...], Field(max_length=50)] = described(
        "sweeps with a name; they change no number", default=()
    )

    @property
    def spaced(self) -> bool:
        """Tell whether the parties meet at a rate, and not in every step."""
        return isinstance(self.protocol, Meeting) and self.protocol.meetings is not None


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of a scenario file, for editors and for the reference page."""
    schema = _tidied(Scenario.model_json_schema(by_alias=True))
    schema["$defs"].pop("Leaf", None)
    schema["$defs"][UNCERTAIN] = uncertain_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "scenario"}


def _tidied(node: Any) -> Any:
    """Refer to the long form of a number by name, and write a default as it would be written in a file."""
    if isinstance(node, list):
        return [_tidied(each) for each in node]
    if not isinstance(node, dict):
        return node
    if node == {"title": UNCERTAIN}:
        return {"$ref": f"#/$defs/{UNCERTAIN}"}
    default = node.get("default")
    if isinstance(default, dict) and "args" in default:
        node = {**node, "default": default["args"][0]}
    return {key: _tidied(each) for key, each in node.items()}
