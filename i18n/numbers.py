"""Numbers, money and dates as people of one language write them.

Digits, currency signs, units of size (K and M, 万 and 亿) and the names of days and months come from CLDR through
Babel; how they are put together ("11.2% to 13.4%", "1–18 Jun 2026") stands under `format` in `i18n/<language>.toml`.

The same rules hold for every method: no value (None, NaN, NaT, infinite) is a dash, never "nan" and never 0; halves are
rounded away from zero, as a reader would; a number that rounds to zero has no sign; minus is U+2212. Ratios are 0 to 1
until they are shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from functools import cache, cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import NumberPattern, get_currency_precision, get_currency_symbol, parse_pattern

from i18n.texts import DASH, Texts, load_texts, locale

# What stands in a cell: int, float, Decimal, a numpy number, or nothing.
Value = Any
Formatter = Callable[[Any], str]

MINUS, PLUS = "\N{MINUS SIGN}", "+"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
SIGNIFICANT = {"en": 3, "zh-CN": 4}
# Wide enough for the largest float (309 digits) with its decimals.
EXACT = Context(prec=700, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Numbers:
    """Writes numbers and dates in one language."""

    language: str

    @property
    def dash(self) -> str:
        """What stands where there is no value."""
        return DASH

    # Numbers

    def count(self, value: Value) -> str:
        """A whole number: 1,234,567."""
        return self.number(value, 0)

    def number(self, value: Value, digits: int = 1) -> str:
        """A number with a fixed count of decimals: 12.3."""
        number = as_decimal(value)
        return DASH if number is None else self._plain(rounded(number, digits), digits)

    def compact(self, value: Value, significant: int | None = None) -> str:
        """A number for a glance: 1.23M, 123.5万.

        Three significant figures in English, four in Chinese, where a unit of size spans four digits; zeros at the end
        of the decimals are dropped.
        """
        number = as_decimal(value)
        if number is None:
            return DASH
        scaled, suffix = self._scaled(number, significant)
        return self._plain(scaled, decimals(scaled)) + suffix

    def money(
        self,
        value: Value,
        currency: str | None,
        compact: bool = False,
        digits: int | None = None,
        significant: int | None = None,
    ) -> str:
        """An amount: €1,234.50, −€12.00, €1.23M.

        `digits` defaults to the decimals of the currency (none for JPY, three for KWD). Compact amounts that need no
        unit of size are whole from 100 on and keep the decimals of the currency below, so that an average order value
        reads €52.34 and not €52.3.
        """
        number = as_decimal(value)
        if number is None:
            return DASH
        if compact:
            return self._compact_money(number, currency, significant)
        digits = currency_decimals(currency) if digits is None else digits
        return self._with_symbol(rounded(number, digits), digits, currency)

    def ratio(self, value: Value, digits: int = 1) -> str:
        """A ratio of 0 to 1 as a percentage: 0.1234 is 12.3%."""
        number = as_decimal(value)
        if number is None:
            return DASH
        return self._texts.fill("format.percent", {"n": self._plain(rounded(hundredfold(number), digits), digits)})

    def points(self, value: Value, digits: int = 1) -> str:
        """The difference of two ratios, with its sign: 0.042 is +4.2 pp."""
        number = as_decimal(value)
        if number is None:
            return DASH
        shown = self.signed(hundredfold(number), lambda amount: self.number(amount, digits))
        return self._texts.fill("format.points", {"n": shown})

    def signed_ratio(self, value: Value, digits: int = 1) -> str:
        """A relative change, with its sign: 0.06 is +6.0%."""
        return self.signed(value, lambda amount: self.ratio(amount, digits))

    def signed(self, value: Value, formatter: Formatter) -> str:
        """`formatter` of the value with a plus or minus in front; what reads as zero has neither."""
        number = as_decimal(value)
        if number is None:
            return DASH
        shown = formatter(number.copy_abs())
        if shown == formatter(Decimal(0)):
            return shown
        return (MINUS if number < 0 else PLUS) + shown

    def score(self, value: Value, digits: int = 0) -> str:
        """A score on its own scale, such as NPS from -100 to 100: 42."""
        return self.number(value, digits)

    def days(self, value: Value, digits: int = 1, *, is_trimmed: bool = True) -> str:
        """A length of time in days: 12.4 days; whole days without decimals, unless they stand beside others."""
        number = as_decimal(value)
        if number is None:
            return DASH
        shown = trimmed(rounded(number, digits)) if is_trimmed else rounded(number, digits)
        form = self._locale.plural_form(shown.copy_abs())
        return self._texts.fill_plural("format.days", form, {"n": self._plain(shown, decimals(shown))})

    def interval(self, low: Value, high: Value, formatter: Formatter) -> str:
        """An interval with each end written by `formatter`: 11.2% to 13.4%; a dash when an end is unknown."""
        if as_decimal(low) is None or as_decimal(high) is None:
            return DASH
        return self._texts.fill("format.interval", {"low": formatter(low), "high": formatter(high)})

    # Dates

    def date(self, day: dt.date | None) -> str:
        """A date: 18 Jun 2026, 2026年6月18日."""
        found = as_date(day)
        return DASH if found is None else self._texts.fill("format.day", self._date_gaps(found))

    def moment(self, moment: dt.datetime | None, zone: str | dt.tzinfo) -> str:
        """A moment on the clocks of `zone`: 18 Jun 2026, 18:00. Moments without a zone are UTC."""
        if moment is None or is_missing(moment):
            return DASH
        local = as_local(moment, zone)
        return self._texts.fill("format.moment", {"date": self.date(local), "time": f"{local:%H:%M}"})

    def dates(self, start: dt.date | None, end: dt.date | None) -> str:
        """The days from `start` up to but without `end`: 1–18 Jun 2026; a dash when there are none."""
        first, after = as_date(start), as_date(end)
        if first is None or after is None or after <= first:
            return DASH
        last = after - dt.timedelta(days=1)
        if last == first:
            return self.date(first)
        gaps = {f"from_{name}": text for name, text in self._date_gaps(first).items()}
        gaps |= {f"to_{name}": text for name, text in self._date_gaps(last).items()}
        return self._texts.fill(f"format.dates.{widest_difference(first, last)}", gaps)

    def period(self, start: dt.date | None, end: dt.date | None, grain: str, fiscal_year_start_month: int = 1) -> str:
        """The name of a calendar bucket: 18 Jun 2026, 2–8 Mar 2026, Mar 2026, Q2 2026, 2026.

        When the fiscal year does not start in January, quarters and years are fiscal ones (FY2026 Q2, FY2026), named by
        the calendar year in which the fiscal year ends. `end` is only read for weeks, where None stands for seven days.
        """
        first = as_date(start)
        if first is None:
            return DASH
        if grain == "week":
            return self.dates(first, as_date(end) or first + dt.timedelta(days=7))
        key = f"format.{style(grain, fiscal_year_start_month)}"
        return self._texts.fill(key, self._gaps(first, fiscal_year_start_month))

    def short_period(
        self, start: dt.date | None, end: dt.date | None, grain: str, fiscal_year_start_month: int = 1
    ) -> str:
        """The same bucket for an axis: 18 Jun, 2 Mar (a week by its first day), Mar, Q2; years keep their number.

        The year is left out; the chart writes it once, with `year`.
        """
        first = as_date(start)
        if first is None:
            return DASH
        short = "day" if grain == "week" else style(grain, fiscal_year_start_month)
        return self._texts.fill(f"format.short.{short}", self._gaps(first, fiscal_year_start_month))

    def year(self, day: dt.date | None, fiscal_year_start_month: int = 1) -> str:
        """The year in which a day lies: 2026, FY2026."""
        return self.period(day, None, "year", fiscal_year_start_month)

    def month(self, number: int) -> str:
        """The name of a month, 1 (January) to 12."""
        return str(self._locale.months["stand-alone"]["wide"][number])

    # Parts

    @cached_property
    def _locale(self) -> Locale:
        return locale(self.language)

    @cached_property
    def _texts(self) -> Texts:
        return load_texts(self.language)

    @cached_property
    def _steps(self) -> tuple[tuple[Decimal, str], ...]:
        return compact_steps(self._locale)

    def _plain(self, number: Decimal, digits: int) -> str:
        """A number that is already rounded, with separators and the sign of minus."""
        return separated(self.language, number, digits)

    def _scaled(self, number: Decimal, significant: int | None) -> tuple[Decimal, str]:
        """The number in its unit of size, rounded before the unit is chosen: 999,999 is 1M, not 1000K."""
        short = rounded_to_significant(number, significant or SIGNIFICANT[self.language])
        step, suffix = max((pair for pair in self._steps if pair[0] <= short.copy_abs()), default=(Decimal(1), ""))
        return trimmed(EXACT.divide(short, step)), suffix

    def _compact_money(self, number: Decimal, currency: str | None, significant: int | None) -> str:
        scaled, suffix = self._scaled(number, significant)
        if suffix:
            return self._with_symbol(scaled, decimals(scaled), currency) + suffix
        full = rounded(number, currency_decimals(currency) if number.copy_abs() < 100 else 0)
        digits = 0 if full == full.to_integral_value() else currency_decimals(currency)
        return self._with_symbol(rounded(full, digits), digits, currency)

    def _with_symbol(self, number: Decimal, digits: int, currency: str | None) -> str:
        shown = self._symbol(currency) + self._plain(number.copy_abs(), digits)
        return MINUS + shown if number < 0 else shown

    def _symbol(self, currency: str | None) -> str:
        """The sign of the currency; a sign that ends in a letter is set apart from the digits, as CLDR asks."""
        if not currency:
            return ""
        symbol = str(get_currency_symbol(currency.upper(), locale=self._locale))
        return symbol + NO_BREAK_SPACE if symbol[-1].isalpha() else symbol

    def _date_gaps(self, day: dt.date) -> dict[str, str]:
        month = str(self._locale.months["format"]["abbreviated"][day.month])
        return {"day": str(day.day), "month": month, "year": str(day.year)}

    def _gaps(self, day: dt.date, fiscal_year_start_month: int) -> dict[str, str]:
        year, quarter = fiscal_quarter(day, fiscal_year_start_month)
        return self._date_gaps(day) | {"fiscal_year": str(year), "quarter": str(quarter)}


# Reading values


def is_missing(value: object) -> bool:
    """Whether there is no value: None, NaN, NaT, pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, Decimal)) and value != value


def as_decimal(value: Value) -> Decimal | None:
    """The value as an exact decimal; None for no value and for what is not finite."""
    if is_missing(value):
        return None
    if isinstance(value, (str, bool)):
        raise TypeError(f"{value!r} is not a number.")
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise TypeError(f"{value!r} is not a number.") from None
    return number if number.is_finite() else None


def as_date(day: dt.date | None) -> dt.date | None:
    """The date of a date or of a moment as it stands; None for no date."""
    if day is None or is_missing(day):
        return None
    return day.date() if isinstance(day, dt.datetime) else day


def as_local(moment: dt.datetime, zone: str | dt.tzinfo) -> dt.datetime:
    """The moment on the clocks of `zone`; without a zone of its own it is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return aware.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


# Rounding


def rounded(number: Decimal, digits: int) -> Decimal:
    """The number with `digits` decimals, halves away from zero; zero without a sign."""
    result = number.quantize(Decimal(1).scaleb(-digits), context=EXACT)
    return result if result else result.copy_abs()


def rounded_to_significant(number: Decimal, significant: int) -> Decimal:
    """The number with so many significant figures."""
    return rounded(number, significant - 1 - number.adjusted()) if number else Decimal(0)


def trimmed(number: Decimal) -> Decimal:
    """The number without zeros at the end of its decimals."""
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize(EXACT)


def hundredfold(number: Decimal) -> Decimal:
    """A ratio in percent, without rounding."""
    return EXACT.multiply(number, Decimal(100))


def decimals(number: Decimal) -> int:
    """How many decimals the number carries."""
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def currency_decimals(currency: str | None) -> int:
    """The decimals of a currency; two when it is not known."""
    return get_currency_precision(currency.upper()) if currency else 2


@lru_cache(maxsize=1 << 14)
def separated(language: str, number: Decimal, digits: int) -> str:
    """A rounded number as the language writes it; kept, because a page that is drawn again shows the same numbers."""
    with localcontext(EXACT):
        shown = str(pattern(digits).apply(number.copy_abs(), locale(language)))
    return MINUS + shown if number < 0 else shown


@cache
def pattern(digits: int) -> NumberPattern:
    """Thousands separated, `digits` decimals."""
    return parse_pattern("#,##0" + ("." + "0" * digits if digits > 0 else ""))


def compact_steps(where: Locale) -> tuple[tuple[Decimal, str], ...]:
    """The units of size of a language, smallest first: 1,000 is K; 10,000 is 万."""
    steps: dict[str, Decimal] = {}
    for magnitude, shape in where.compact_decimal_formats["short"]["other"].items():
        suffix = shape.pattern.strip("0")
        if suffix:
            steps.setdefault(suffix, Decimal(magnitude) / 10 ** (shape.pattern.count("0") - 1))
    return tuple((step, suffix) for suffix, step in steps.items())


# Periods


def fiscal_quarter(day: dt.date, fiscal_year_start_month: int = 1) -> tuple[int, int]:
    """Fiscal year, named by the calendar year in which it ends, and quarter 1 to 4 of a day."""
    later = fiscal_year_start_month > 1 and day.month >= fiscal_year_start_month
    return day.year + later, (day.month - fiscal_year_start_month) % 12 // 3 + 1


def style(grain: str, fiscal_year_start_month: int) -> str:
    """Which pattern a bucket is written in."""
    if grain not in ("day", "month", "quarter", "year"):
        raise ValueError(f"There is no grain `{grain}`; the grains are day, week, month, quarter, year.")
    fiscal = fiscal_year_start_month > 1 and grain in ("quarter", "year")
    return f"fiscal_{grain}" if fiscal else str(grain)


def widest_difference(first: dt.date, last: dt.date) -> str:
    """The widest unit in which two dates differ: day, month or year."""
    if first.year != last.year:
        return "year"
    return "month" if first.month != last.month else "day"
