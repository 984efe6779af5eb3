"""What personal details look like: patterns, and words that only look like names."""

from __future__ import annotations

import re

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
DATE = (
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH},? ?(?:\d{{4}})?|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?)"
)
OLD_YEAR = r"(?:19\d\d|200\d)"
OLD_DATE = (
    rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-]{OLD_YEAR}|{OLD_YEAR}-\d{{1,2}}-\d{{1,2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH},? {OLD_YEAR}|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {OLD_YEAR})"
)
"""A full date so long ago that it is one of birth rather than of a complaint."""
BORN = r"(?:\bborn|\bd\.?o\.?b\b\.?|\bdate of birth|\bbirth ?da(?:y|te))[:\s]*(?:is |was |in |on |the )*"

WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]*"
NAME = rf"(?P<it>{WORD}(?: {WORD})?)"
ANY_WORDS = r"(?P<it>[^\W\d]['’\w-]*(?:\s+[^\W\d]['’\w-]*){0,2})"
"""Up to three words, of which ``masking`` takes as many as are a name."""

STREET = (
    r"street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|crescent|terrace|gardens|boulevard|blvd|square|place|"
    r"way"
)
NUMBERED_STREET = r"\d{1,3}(?:st|nd|rd|th)"
NOT_A_STREET = r"(?!the|a|my|of|this|down|per|times|on|or|in)"
RELATIVE = (
    r"son|daughter|wife|husband|mother|father|mum|mom|dad|sister|brother|partner|boyfriend|girlfriend|friend|boss|"
    r"neighbour|neighbor|aunt|uncle|grandma|grandpa|doctor|gp|neurologist|therapist"
)
NUMBERED = (
    r"nhs|insurance|insured|policy|member(?:ship)?|patient|health card|passport|social security|ssn|id|ni|iban|account"
)
LETTER = r"regards|cheers|thanks|thank you|sincerely|greetings|best wishes|yours|love|bye"

PATTERNS: tuple[tuple[str, str], ...] = (
    ("email", r"(?i)\b[\w.+-]+(?:@|\s?[\[(]at[\])]\s?|\s@\s)[\w-]+(?:\.[\w-]+)+"),
    ("email", r"(?i)\b[\w.+-]+ at [\w-]+(?: dot [\w-]+)* dot (?:com|org|net|edu|info|eu|uk|de|fr|ie)\b"),
    ("link", r"(?i)\b(?:https?://|www\.)\S+"),
    ("handle", r"(?<![\w.])@\w{3,}"),
    ("date of birth", rf"(?i){BORN}(?P<it>{DATE}|(?:{MONTH} )?(?:19|20)\d\d\b)"),
    ("date of birth", rf"(?i)(?<!\d)(?P<it>{OLD_DATE})(?!\d)"),
    (
        "number",  # named as one, with three digits in a row at least
        rf"(?i)\b(?:{NUMBERED})\s*(?:card|number|nr|no|num|id)?\b\.?\s*(?:is|:|#)?\s*"
        r"(?P<it>(?=(?:\w*[ -]?){0,3}\d{3})[a-z]{0,2}\d[\d\s-]{3,}\d[a-z]?)",
    ),
    ("number", r"(?<!\w)\d{3}-\d{2}-\d{4}(?!\w)"),  # social security, United States
    ("number", r"(?i)\b[a-ceghj-tw-z][a-z] ?\d{2} ?\d{2} ?\d{2} ?[a-d]\b"),  # national insurance, United Kingdom
    ("number", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),  # bank account
    ("number", r"\b[A-Za-z]{1,3}\d{6,}[A-Za-z]?\b"),
    ("phone", r"(?<![\w.])(?P<it>(?:\+|\(?0)?\(?\d[\d()]*(?:[ ./-]{0,2}[\d()]{2,})+)(?!\w)"),
    ("number", r"(?<![\w.,])(?!\d0+\b)\d{7,}(?!\w)"),
    (
        "address",
        rf"(?:(?i:flat|apartment|apt|unit)\.? ?\w+,? )?\b\d{{1,4}}[a-zA-Z]?,? (?:(?:{WORD}|{NUMBERED_STREET}) ){{1,3}}"
        rf"(?i:{STREET})\b\.?",
    ),
    ("address", rf"(?i)\b\d{{1,4}}[a-z]? {NOT_A_STREET}\w{{3,}} (?:street|road|avenue|lane|boulevard|crescent)\b"),
    ("address", r"(?i)\bp\.? ?o\.? box \d+\b"),
    ("address", r"(?i)\b[a-zäöüß-]{2,}(?:straße|strasse|str\.|gasse|allee|platz) \d{1,4}[a-z]?\b"),
    ("address", r"(?i)\b[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2}\b"),  # postcode, United Kingdom
    ("address", r"\b[A-Z]{2},? \d{5}(?:-\d{4})?\b"),  # state and code, United States
    ("name", rf"\b(?:Dr|Mr|Mrs|Ms|Miss|Prof|Herr|Frau|Sir|Madam|dr|mr|mrs)\.? {NAME}"),
    (
        "name",
        r"(?i)\b(?:my (?:\w+ )?name(?:['’]s| is)|name:|(?:is|am|was|['’]?m) (?:called|named)|name is|call me|named)\s+"
        + ANY_WORDS,
    ),
    ("name", rf"\b(?i:i am|i'm|i’m|im|we are|this is|(?:it's|it’s|its|it is)(?: me,?)?|here is|here's) {ANY_WORDS}"),
    ("name", rf"\b(?i:my|our|his|her) (?i:{RELATIVE}),? {ANY_WORDS}"),
    ("name", rf"(?i:{LETTER})[,.!]?\s+{NAME}\s*[.!]*$"),
    (
        "name",
        rf"^(?i:hi|hello|hey|dear|good (?:morning|day|evening))[^,.!?]{{0,20}}[,.!] {NAME} (?i:here|again)\b",
    ),
)
"""Kind and pattern; where a pattern has a group ``it``, only that is hidden. masking.py sorts the rest out."""

STOP = frozenset(
    "and or but i im from the a an is it its he she we my your in at on of for to with because cause cos so since "
    "who that which here again speaking aged age years year old male female writing calling how why what when "
    "can".split()
)
"""Words that end a name."""
NO_NAMES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december english german french spanish polish indian chinese dutch irish american "
    "dr doctor christmas easter covid gp nhs mri emg als ms bfs ok not just so very still really also too "
    "worried scared afraid anxious nervous tired sick ill pregnant sorry fine good happy sad sure desperate "
    "getting having going feeling losing driving asking looking trying normal dangerous serious bad annoying".split()
)
"""Words that stand in a capital after "I am" or "this is" and are no names."""
INTRODUCED = re.compile(r"(?i)(?:my (?:\w+ )?name|name\b|dr\b|mr\b|mrs\b|ms\b|miss\b|prof\b|herr\b|frau\b)")
"""After these words any word is a name."""
