-- Chance without a random number generator: every draw is a function of (stream, key, seed), so the company is the same
-- whatever the number of threads, the order of rows and the size of a chunk.

-- A number in [0, 1). The outer hash is needed: a hash of several values combines them with XOR, and two streams of
-- one key would differ by a constant only (measured: correlation 0.88).
create or replace temp macro draw(stream, key) as
    (hash(hash(key::bigint, stream, seed())) >> 11)::double / 9007199254740992.0::double;

-- Exponential with mean 1.
create or replace temp macro exponential(stream, key) as -ln(1 - draw(stream, key));

-- Gamma with shape 2 and mean 1: a duration that is seldom close to zero.
create or replace temp macro duration(stream, key) as
    (exponential(stream || ' (1)', key) + exponential(stream || ' (2)', key)) / 2;

-- Normal with mean 0 and variance 1 (Box and Muller).
create or replace temp macro gaussian(stream, key) as
    sqrt(2 * exponential(stream || ' radius', key)) * cos(2 * pi() * draw(stream || ' angle', key));

-- Geometric: failures before the first success, each with probability p.
create or replace temp macro failures(stream, key, p) as
    floor(least(ln(1 - draw(stream, key)) / ln(1 - greatest(p, 1e-6::double)), 1e6))::bigint;

-- One element of a list, each as likely as the others.
create or replace temp macro pick(elements, u) as elements[1 + floor(u * len(elements))::int];

-- One element of a list, the first ones more often.
create or replace temp macro pick_early(elements, u) as elements[1 + floor(u * u * len(elements))::int];

-- A moment some days after another, to the second.
create or replace temp macro later(moment, days) as moment + to_seconds(round(days * 86400)::bigint);

-- A moment if it has come to pass by now.
create or replace temp macro so_far(moment) as case when moment < as_of() then moment end;

-- The company's calendar day of a moment.
create or replace temp macro local_day(moment) as timezone(company_zone(), timezone('UTC', moment))::date;
create or replace temp macro local_month(moment) as date_trunc('month', local_day(moment))::date;

-- A share of a day (0 to 1) as seconds since local midnight: few at night, most between 7 and 19 o'clock. Monotone.
create or replace temp macro seconds_of_day(share) as floor(case
    when share < 0.03 then share / 0.03 * 25200
    when share < 0.85 then 25200 + (share - 0.03) / 0.82 * 43200
    else 68400 + (share - 0.85) / 0.15 * 18000
end)::bigint;

-- Numbers as parts of keys; a longer number is not cut, as lpad alone would.
create or replace temp macro padded(number, width) as
    lpad(number::varchar, greatest(width, length(number::varchar))::int, '0');
