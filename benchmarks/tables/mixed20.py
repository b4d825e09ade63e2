"""Writes mixed20.csv: N made-up orders of 20 columns, 10 of numbers (whole, of cents, with heaps at zero, with gaps), 8 of levels
(2 to 60 of them), a yes/no and a date, whose law this script is. python mixed20.py 100000 > mixed20.csv, with numpy."""
import sys
import numpy as np

n = int(sys.argv[1])
rng = np.random.default_rng(11)
words = lambda w, k: np.array(['%s%02d' % (w, i) for i in range(k)])
print('age,income,balance,score,visits,items,price,discount,weight,distance,'
      'region,city,segment,channel,device,product,status,plan,member,joined')
for at in range(0, n, 50000):
    m = min(50000, n - at)
    pick = lambda s: (s + rng.gumbel(size=s.shape)).argmax(1)  # of logits
    z = rng.normal(size=(m, 3))
    age = np.clip(np.round(18 + rng.gamma(3, 9, m)), 18, 95)
    region = pick(np.tile(np.linspace(1, -1, 8), (m, 1)))
    city = np.minimum(region * 7 + rng.geometric(.4, m) - 1, 59)
    segment = pick(np.stack([z[:, 0], .5 * z[:, 1], (age - 45) / 15, -z[:, 0], -1 + 0 * age], 1))
    income = np.round(np.exp(10 + .5 * z[:, 0] + .01 * age + .1 * segment + .2 * rng.normal(size=m)), -2)
    balance = np.round(income * .1 * rng.normal(size=m) + 200 * z[:, 1], 2)
    score = np.round(1 / (1 + np.exp(-(z[:, 1] + .4 * z[:, 0]))), 3)
    visits = rng.poisson(np.exp(.8 + .5 * z[:, 2]))
    channel = pick(np.stack([.6 * z[:, 2], (50 - age) / 20, 0 * age, .02 * (age - 40)], 1))
    device = pick(np.stack([channel == 1, channel == 0, .3 * z[:, 2]], 1) * 1.5)
    product = pick(np.outer(z[:, 0], np.sin(np.arange(24))) + np.outer(z[:, 2], np.cos(np.arange(24))))
    items = 1 + rng.poisson(.5 + .3 * (product % 4))
    price = np.round(np.exp(2 + .12 * product + .3 * rng.normal(size=m)) * items, 2)
    discount = np.where(rng.random(m) < .6, 0, np.round(price * rng.beta(2, 6, m), 2))
    weight = np.round(.2 + .3 * product + rng.gamma(2, .4, m) * items, 3)
    distance = np.round(np.exp(3 + .3 * region + .6 * rng.normal(size=m)), 1)
    status = pick(np.stack([2 + 0 * price, .3 * z[:, 1], np.log(price) - 4, -.5 + 0 * age, -1 + z[:, 2]], 1))
    plan = pick(np.stack([1 + 0 * age, score * 2, np.log(income) - 10.5], 1))
    member = rng.random(m) < 1 / (1 + np.exp(-(plan - 1 + .3 * visits - 1)))
    day = np.floor(1800 * rng.beta(2, 1, m)).astype(int)
    day -= np.where((day % 7 == 3) & (rng.random(m) < .8), 2, 0)
    joined = np.datetime64('2020-01-01') + np.maximum(day, 0)
    gap = lambda v, p, f: np.where(rng.random(m) < p, '', np.char.mod(f, v))
    columns = [gap(age, .08, '%d'), np.char.mod('%d', income), np.char.mod('%.2f', balance),
               gap(score, .15 + .2 * (segment == 2), '%.3f'), np.char.mod('%d', visits), np.char.mod('%d', items),
               np.char.mod('%.2f', price), np.char.mod('%.2f', discount), np.char.mod('%.3f', weight),
               np.char.mod('%.1f', distance), words('R', 8)[region], words('city', 60)[city], words('S', 5)[segment],
               np.array(['web', 'app', 'shop', 'phone'])[channel], np.array(['mobile', 'desktop', 'tablet'])[device],
               words('P', 24)[product], np.array(['done', 'open', 'late', 'lost', 'back'])[status],
               np.array(['free', 'basic', 'gold'])[plan], np.array(['no', 'yes'])[member.astype(int)],
               np.datetime_as_string(joined)]
    for row in zip(*columns):
        print(*row, sep=',')
