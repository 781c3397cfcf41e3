#!/usr/bin/env python3
"""evaluate_mixed.py SPOOR DATA: two unrelated intrusions in the same logs stay two campaigns.

Recordings of simulated attacks (DATA/security-datasets/TRUTH.tsv) are traced two at a time, as one organisation's evidence:
the same machines and the same accounts, on different days. Then each of some recordings beside the example campaign (spoor
demo), in the logs of one of its customers. A row for each pair: campaigns, and those that have records of both."""
import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def trace(spoor, out, *paths):
    if os.path.exists(out):
        os.remove(out)
    run(spoor, 'trace', '-f', 'json', '-o', out, '-q', *paths)
    if not os.path.exists(out):
        return []  # nothing that could be read
    with open(out) as f:
        return json.load(f)['campaigns']


def parts(campaign, of):
    return {of(r['path']) for s in campaign['stages'] for r in s['records']}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('spoor')
    p.add_argument('data')
    p.add_argument('--pairs', type=int, default=25)
    p.add_argument('--beside', type=int, default=5)
    p.add_argument('--least', default='', help='apart=SHARE: fail below')
    p.add_argument('-v', action='store_true')
    args = p.parse_args()
    folder = os.path.join(args.data, 'security-datasets')
    if not os.path.exists(os.path.join(folder, 'TRUTH.tsv')):
        print('skipped: the recordings are not there')
        sys.exit(77)
    with open(os.path.join(folder, 'TRUTH.tsv')) as f:
        rows = [r for r in csv.DictReader(f, delimiter='\t') if next(iter(r.values())).startswith('atomic/windows')]
    paths = [os.path.join(folder, next(iter(r.values()))) for r in rows]
    work = tempfile.mkdtemp()
    out = os.path.join(work, 'out.json')
    # Such as are a campaign by themselves, not merely the most that short evidence has.
    alone = [path for path in paths if [c['score'] >= 10 for c in trace(args.spoor, out, path)] == [True]]
    day = {path: list(r.values())[-2][:10] for path, r in zip(paths, rows)}
    half = len(alone) // 2
    # Recordings of one day were made one after the other, by the same people: these are not unrelated.
    pairs = [(a, b) for a, b in ((alone[i], next((x for x in alone[i + half:] + alone[:i] if day[x] != day[alone[i]]), None))
                                 for i in range(half)) if b][:args.pairs]
    apart = mixed = 0
    for a, b in pairs:
        found = trace(args.spoor, out, a, b)
        both = [c for c in found if len(parts(c, lambda path: path.split('!')[0])) > 1]
        mixed += bool(both)
        apart += not both and len(found) >= 2
        if args.v and (both or len(found) != 2):
            print(f'  {os.path.basename(a)} and {os.path.basename(b)}: {len(found)} campaigns, {len(both)} of both')
            for c in both:
                for link in c['links']:
                    print('     ', link['strength'], link['why'])
    print(f'{len(pairs)} pairs of recordings: kept apart in {apart}, mixed in {mixed}')
    kept = 0
    beside = alone[::max(1, len(alone) // args.beside)][:args.beside]
    for number, path in enumerate(beside):
        days = os.path.join(work, f'days{number}')
        run(args.spoor, 'demo', days, '--seed', str(number + 1), '-q')
        tenants = sorted(os.listdir(os.path.join(days, 'evidence')))
        os.symlink(os.path.abspath(path), os.path.join(days, 'evidence', tenants[-1], 'recording.zip'))
        found = trace(args.spoor, out, '--tenants', os.path.join(days, 'evidence'))
        both = [c for c in found if len(parts(c, lambda p: 'recording.zip' in p)) > 1]
        of_recording = [c for c in found if parts(c, lambda p: 'recording.zip' in p) == {True}]
        kept += not both and len(of_recording) == 1
        if args.v:
            print(f'  {os.path.basename(path)} beside seed {number + 1}: {len(found)} campaigns, {len(both)} of both, {len(of_recording)} of the recording')
    print(f'{len(beside)} recordings beside the example campaign: one campaign more, apart from it, in {kept}')
    share = (apart + kept) / max(1, len(pairs) + len(beside))
    for name, bound in (x.split('=') for x in args.least.split(',') if x):
        if share < float(bound):
            print(f'FAILED: {name} is {share:.2f}, not {bound}')
            sys.exit(1)


if __name__ == '__main__':
    main()
