"""Two neutral scenarios for tests: a small one, and one that writes down every key there is."""

from pathlib import Path

SMALL = """\
format_version: 1
id: harbour
title: A harbour
summary: A host and a guest bargain over the use of a harbour.
time: {step: month, window: 24}
protocol: {kind: alternating, first: host}
parties:
  - {id: host, label: The host, discount_rate: 0.1, offers: bayesian, accepts: going_on}
  - {id: guest, label: The guest, discount_rate: {uniform: [0.1, 0.2]}, offers: bayesian, accepts: going_on}
issues:
  - id: berth
    label: Berths
    levels: [{id: none}, {id: some}, {id: all}]
    weights: {host: 2, guest: 3}
    values:
      host: {none: 1, some: {pert: [0.5, 0.6, 0.8]}, all: 0}
      guest: {none: 0, some: 0.6, all: 1}
  - id: rent
    label: Rent
    range: [0, 100]
    unit: money per month
    points: 5
    weights: {host: 1, guest: 1}
    values: {host: {shape: linear, best: high}, guest: {shape: linear, best: low}}
status_quo: {terms: {berth: some, rent: 0}}
outcomes:
  - {id: signed, label: An agreement, when: {status: agreement}}
  - {id: other, label: Anything else, when: {}}
"""

FULL = """\
format_version: 1
id: harbour-full
title: A harbour with everything
summary: A host and a guest bargain over a harbour, and the whole world takes part.
notes: Every key of the format is written here once at least.
information_cutoff: 2030-01-01
sources:
  survey: {title: A survey, url: "https://example.org/survey", date: 2029-12-01, confidence: H}
  talk: {title: A conversation}
time:
  start: 2030-01-31
  step: month
  window: 36
  deadline: 2031-12-31
  at_deadline: status_quo
  look_ahead: 24
protocol: {kind: alternating, first: random, meetings: {uniform: [12, 36]}}
curve_points: 64
look_ahead_points: 32
parties:
  - id: host
    label: The host
    discount_rate:
      pert: [0.05, 0.1, 0.3]
      source: survey
      judgement: the usual range
      confidence: M
      note: per year
    accuracy: {beta: [8, 2], over: [0.5, 1]}
    offers: {strategy: time_dependent, exponent: {lognormal: [1, 0.5]}, opening: 0.1, clock: stacked, until: 18}
    accepts: {strategy: next, factor: 1.05, margin: 0.01}
    trust: {breach_rate: {triangular: [0, 0.1, 0.2]}, after_breach: 3}
    learning: {precision: 20}
    breach: {precision: 10, gain: 0.2, terms: {berth: throttled}, collapse: 0.3}
    reopening: {precision: 5, cost: 0.1}
    audience:
      link: logistic
      threshold: {normal: [0.4, 0.1], within: [0, 1], private: {spread: 0.05}}
      precision: 12
      weights: {berth: 2, rent: {uniform: [1, 2]}}
      values:
        berth: {none: 1, some: 0.5, all: 0, throttled: 0.6}
        rent: {shape: logistic, best: high, midpoint: 0.5, steepness: 4}
      communities: {coast: 0.2}
      on_failure: continue
    successors:
      - id: heirs
        label: The heirs of the host
        after: storm
        breach_rate: 0.3
        replace:
          parties.host.discount_rate: {uniform: [0.1, 0.2]}
          issues.berth.weights.host: {value: 3, private: {spread: 0.5, type: resolve}}
  - id: guest
    label: The guest
    discount_factor: 0.98
    offers: {strategy: fixed, script: [{berth: all, rent: 0, tenure: ten_years, share: 0.7}]}
    accepts: {strategy: constant, least: 0.4}
    audience: {link: cdf, threshold: 0.3, spread: 0.1, on_failure: end}
third_parties:
  - {id: league, label: The league}
issues:
  - id: berth
    label: Berths
    levels: [{id: none, label: No berth}, {id: some}, {id: all}, {id: throttled, negotiable: false}]
    weights: {host: 2, guest: {discrete: [[2, 0.5], [3, 0.5]]}}
    values:
      host: {none: 1, some: {uniform: [0.5, 0.7], source: talk}, all: 0, throttled: 0.6}
      guest: {none: 0, some: {value: 0.6, private: {spread: {uniform: [0.1, 0.2]}, bias: -0.5}}, all: 1, throttled: 0.3}
  - id: rent
    label: Rent
    range: [0, 100]
    unit: money per month
    points: 5
    weights: {host: 1, guest: 1}
    values: {host: {shape: linear, best: high}, guest: {shape: power, best: low, exponent: 1.5}}
  - id: share
    label: Share of the catch
    range: [0, 1]
    points: 21
    continuous: false
    weights: {host: 1, guest: 1}
    values: {host: {shape: linear, best: low}, guest: {shape: linear, best: high}}
  - id: tenure
    label: Tenure
    levels: [{id: one_year, years: 1}, {id: ten_years, years: 10}]
    duration: true
    weights: {host: 1, guest: 1}
    values: {host: {one_year: 1, ten_years: 0}, guest: {one_year: 0, ten_years: 1}}
expiry: {terms: {berth: none}}
constraints:
  - {exclude: {berth: none, rent: {at_least: 50}}, note: nobody pays for nothing}
  - {exclude: {berth: [some, all], rent: {at_most: 0}, tenure: ten_years}}
interim: {terms: {berth: [some, all]}}
status_quo:
  terms: {berth: throttled, rent: 0, share: 0.5, tenure: one_year}
  flows: {host: -0.1, guest: {normal: [0, 0.1]}}
breakdown: {rate: 0.05, terms: {berth: none}, flows: {host: -0.2, guest: -0.3}, absolute: true}
exits:
  - id: evict
    label: The host evicts the guest
    by: host
    from: 2030-06-30
    until: 30
    terms: {berth: none}
    flows: {guest: -0.1}
    absolute: false
    settles: floating
variables:
  - id: relief
    label: Relief
    unit: share
    bounds: [0, 1]
    start: 0.2
    mean: {uniform: [0.2, 0.6]}
    reversion: 1
    volatility: 0.2
    pivotal: true
    shifts:
      - {terms: {berth: all}, by: -0.1}
      - {move: grant, by: 0.2}
      - {variable: coast, by: 0.1}
communities:
  - id: coast
    label: The coast
    scale: from against to for
    share: 2
    bounds: [0, 1]
    start: 0.5
    anchor: 0.4
    openness: 0.3
    pulls: {inland: 1}
    reversion: 2
    volatility: 0.1
    shifts: [{variable: relief, by: 0.1}]
  - {id: inland, share: 1, bounds: [0, 1], start: 0.5, anchor: 0.6}
moves:
  - id: grant
    label: The league gives a grant
    by: league
    rate: 0.5
    repeats: true
    when:
      {status: [talks, agreement], from: 2030-03-31, until: 2032-01-31, terms: {berth: [none, some]}, unless: [storm]}
    jumps: {relief: 0.2, coast: 0.1}
    lumps: {host: 0.1}
    collapse: 0.01
    breach_rate: {host: 1.5, guest: 0.5}
    rival_bid: true
    pivotal: true
    respond: {party: host, variable: relief, limit: 0.9}
  - id: wall
    label: A wall
    by: host
    chosen: {precision: 4}
    when: {status: talks}
    jumps: {relief: 0.05}
    lumps: {host: -0.01}
  - {id: storm, label: A storm, by: guest, on: 2030-09-30, chance: 0.3, when: {status: talks, after: [grant]}}
effects:
  - {id: cost, on: flow, party: host, variable: relief, coefficient: -0.2, terms: {berth: all}, status: agreement}
  - {id: exit_cost, on: exit, exit: evict, party: host, move: grant, coefficient: -0.1}
  - {id: support, on: support, party: host, variable: coast, coefficient: 0.1}
  - {id: way_out, on: exit, exit: evict, party: host, variable: relief, coefficient: 0.3}
  - {id: pride, on: gain, move: wall, variable: coast, coefficient: 0.05}
  - {id: hurry, on: rate, move: grant, variable: relief, coefficient: 0.5}
  - {id: strain, on: breakdown, variable: relief, coefficient: 0.5}
  - {id: care, on: weight, party: guest, issue: rent, variable: relief, coefficient: 0.5}
  - {id: burden, on: flow, party: guest, coefficient: -0.05}
reliance:
  - party: host
    cost: 0.2
    patrons:
      - {id: old, label: The old patron, base: 1, variable: relief, slope: -0.5, terms: {berth: {all: 0.5}}}
      - {id: new, base: {uniform: [0.5, 1]}}
lumps:
  - {on: signing, party: host, amount: -0.1, terms: {berth: all}}
  - {on: interim, party: guest, amount: -0.02}
  - {on: exit, exit: evict, by: host, party: guest, amount: -0.5}
outcomes:
  - id: all_signed
    label: Signed with every berth
    when: {status: agreement, terms: {berth: all, rent: {at_least: 50}}, variables: {relief: {at_most: 0.9}}}
  - id: evicted
    label: Evicted
    when: {status: [exit], exit: evict, never: [signed]}
  - id: reduced
    label: Reduced
    when:
      any:
        - {relative: {berth: reduced, rent: [same, expanded]}, ever: [signed, breach]}
        - all: [{moved: [storm]}, {not: {status: [breakdown, deadline]}}]
  - {id: other, label: Anything else, when: {}}
questions:
  - {id: q1, text: "Is there an agreement?", by: 2031-01-31, when: {status: agreement}, observed: true, source: talk}
  - {id: q2, text: "Is the host alone?", by: 36, when: {exit: [evict]}}
observed:
  until: 2031-06-30
  outcomes: [{from: 2030-01-31, outcome: other, source: talk}, {from: 2031-01-01, outcome: all_signed}]
  events: [{date: 2030-09-01, label: A storm, source: talk}]
sweeps:
  - id: patience
    note: A sweep that is kept with the scenario changes no number.
    vary: [parties.host.discount_rate, "variables.relief.mean=0.1:0.4:3"]
    design: sobol
    points: 8
    draws: 100
correlations:
  - between: [parties.host.discount_rate, variables.relief.mean]
    rank: 0.4
    judgement: who waits for relief is patient
    confidence: L
"""

# The same harbour where chance says who proposes, and where both do.
BY_LOT = (
    FULL.replace(
        "protocol: {kind: alternating, first: random, meetings: {uniform: [12, 36]}}",
        "protocol: {kind: random, recognition: {host: {dirichlet: 2}, guest: {dirichlet: 1.5}}, meetings: 24}",
    )
    .replace(
        "offers: {strategy: fixed, script: [{berth: all, rent: 0, tenure: ten_years, share: 0.7}]}",
        "offers: {strategy: tit_for_tat, reciprocity: 0.8, opening: 0.1}",
    )
    .replace("accepts: {strategy: constant, least: 0.4}", "accepts: {strategy: combi, after: 0.8}")
)
TOGETHER = (
    FULL.replace(
        "protocol: {kind: alternating, first: random, meetings: {uniform: [12, 36]}}", "protocol: simultaneous"
    )
    .replace(
        "offers: {strategy: fixed, script: [{berth: all, rent: 0, tenure: ten_years, share: 0.7}]}",
        "offers: {strategy: equilibrium, beliefs: certainty_equivalent}",
    )
    .replace("accepts: {strategy: constant, least: 0.4}", "accepts: optimal_stopping")
    .replace(
        "learning: {precision: 20}", "learning: {precision: 20, offers: {concession: {uniform: [0, 0.1]}, spread: 0.3}}"
    )
)
STACKED = (
    FULL.replace(
        "protocol: {kind: alternating, first: random, meetings: {uniform: [12, 36]}}",
        "protocol: {kind: stacked_alternating, first: random}",
    )
    .replace("at_deadline: status_quo", "at_deadline: breakdown")
    .replace(
        "offers: {strategy: fixed, script: [{berth: all, rent: 0, tenure: ten_years, share: 0.7}]}",
        "offers: {strategy: aspiration, exponent: {uniform: [0.5, 4]}, tolerance: 0.01}",
    )
    .replace("accepts: {strategy: constant, least: 0.4}", "accepts: aspiration")
)


def written(folder: Path, text: str = SMALL, name: str = "harbour") -> Path:
    """Write a scenario into a folder and give its path."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path
