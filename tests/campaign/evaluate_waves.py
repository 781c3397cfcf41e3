#!/usr/bin/env python3
"""evaluate_waves SPOOR PRINT_WAVES: waves of tracking mails that a trace finds in the example campaign, against its truth.

For each seed, and the same days without the attack:
  waves          of the waves sent (by subject), how many were found as one
  recipients     of the mailboxes that the logs say a wave's mail went to, how many are named as recipients of it
  right          of the recipients named, how many were sent such a mail
  opened         of the openings the office's network saw, of how many a record is among those found
  opened_right   of the records of openings found, how many are such
  named          of the openings found that name a recipient, how many name the one who opened (told, no bound)
  quiet          of the days without an attack, how many have no wave
--least NAME=X: fails if less.
"""
import argparse, collections, json, os, subprocess, sys, tempfile


def waves_of(program, folder):
    out = subprocess.run([program, folder], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def records(step):
    return {(r['path'], n) for r in step['records'] for n in r['numbers']}


def places(things, root):
    return {(os.path.relpath(path, root), number) for thing in things for path, number in thing['places']}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('spoor')
    parser.add_argument('print_waves')
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--least', default='')
    parser.add_argument('-v', action='store_true')
    args = parser.parse_args()
    sums = collections.Counter()
    for seed in range(1, args.seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            root = os.path.join(folder, 'days')
            subprocess.run([args.spoor, 'demo', root, '--seed', str(seed), '-q'], check=True)
            truth = json.load(open(os.path.join(root, 'truth.json')))
            found = waves_of(args.print_waves, os.path.join(root, 'evidence'))
            steps = [s for s in truth['steps'] if s.get('stage') == 1]
            sent = [s for s in steps if s['name'] == 'tracking mail']
            opened = [s for s in steps if s['name'] == 'mail opened']
            mails = set().union(*[records(s) for s in sent]) if sent else set()
            # A wave is the steps of its text's outlet.
            by_wave = collections.defaultdict(set)
            for s in sent:
                by_wave[s['text']] |= records(s)
            for text, of_wave in by_wave.items():
                hits = [w for w in found if places(w['recipients'], root) & of_wave]
                sums['waves', 'all'] += 1
                sums['waves', 'hit'] += len(hits) == 1
            named = set()
            for w in found:
                for r in w['recipients']:
                    sums['right', 'all'] += 1
                    sums['right', 'hit'] += bool(places([r], root) & mails)
                    named |= {(r['tenant'], r['address'])}
            for m in truth['mailboxes']:
                if m.get('targeted') and m.get('kind') == 'work':
                    sums['recipients', 'all'] += 1
                    sums['recipients', 'hit'] += (m['tenant'], m['mailbox']) in named
            seen = set().union(*[places(w['openings'], root) for w in found]) if found else set()
            of_record = {}
            for s in opened:
                if not records(s):
                    continue
                for r in records(s):
                    of_record[r] = s['account']
                sums['opened', 'all'] += 1
                sums['opened', 'hit'] += bool(records(s) & seen)
            sums['opened_right', 'all'] += len(seen)
            sums['opened_right', 'hit'] += len(seen & set(of_record))
            for w in found:
                for o in w['openings']:
                    who = {of_record[p] for p in places([o], root) if p in of_record}
                    if o['recipient'] and who:
                        sums['named', 'all'] += 1
                        sums['named', 'hit'] += who == {o['recipient']}
                    sums['with a name', 'all'] += 1
                    sums['with a name', 'hit'] += bool(o['recipient'])
                if args.v:
                    print(seed, w['first'], w['outlet'], w['hosts'], w['weight'], len(w['recipients']),
                          len(w['openings']), w['reasons'])
        with tempfile.TemporaryDirectory() as folder:
            root = os.path.join(folder, 'days')
            subprocess.run([args.spoor, 'demo', root, '--seed', str(seed), '-q', '--without-attack'], check=True)
            found = waves_of(args.print_waves, os.path.join(root, 'evidence'))
            sums['quiet', 'all'] += 1
            sums['quiet', 'hit'] += not found
            if args.v:
                for w in found:
                    print(seed, 'without an attack', w['senders'][:3], w['hosts'], w['weight'], w['reasons'])
    bad = False
    least = dict(part.split('=') for part in args.least.split(',') if part)
    for name in dict.fromkeys(name for name, _ in sums):
        part = sums[name, 'hit'] / sums[name, 'all'] if sums[name, 'all'] else 1
        low = name in least and part < float(least[name])
        bad |= low
        print(f"{name:14} {sums[name, 'hit']:5} of {sums[name, 'all']:5}  {part:.3f}" + ('  less than ' + least[name] if low else ''))
    sys.exit(bad)


main()
