#!/usr/bin/env python3
"""evaluate_recordings.py SPOOR DATA [--rules DIR]...: traces each recording of a simulated attack, and holds what comes out
against what the recording says of itself (DATA/security-datasets/TRUTH.tsv).

A row for each recording with Windows events: how many campaigns; whether some step shows a listed technique, its parent or
a sub-technique of it; which hosts are called compromised or reached, and which the simulation names; how many items a person
reads, of how many findings."""
import argparse
import collections
import csv
import json
import os
import subprocess
import sys

def replaced(attack):
    """Old technique ids to new ones, out of ATT&CK's own 'revoked-by'."""
    with open(attack) as f:
        objects = json.load(f)['objects']
    ids = {}
    for o in objects:
        if o['type'] == 'attack-pattern':
            for r in o.get('external_references', []):
                if r.get('source_name') == 'mitre-attack':
                    ids[o['id']] = r['external_id']
    return {ids[o['source_ref']]: ids[o['target_ref']] for o in objects
            if o['type'] == 'relationship' and o['relationship_type'] == 'revoked-by'
            and o['source_ref'] in ids and o['target_ref'] in ids}


def parent(technique):
    return technique.split('.')[0]


def host(name):
    return name.split('.')[0].lower()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('spoor')
    p.add_argument('data')
    p.add_argument('--rules', action='append', default=[])
    p.add_argument('--only', default='')
    p.add_argument('--keep', default='')
    p.add_argument('--least', default='', help='one=N,shown=N,right=N: fail below these; bystander=N: above it')
    p.add_argument('-v', action='store_true')
    args = p.parse_args()
    folder = os.path.join(args.data, 'security-datasets')
    if not os.path.exists(os.path.join(folder, 'TRUTH.tsv')):
        print(f'skipped: {folder} is not there')
        sys.exit(77)
    new = replaced(os.path.join(args.data, 'attack', 'enterprise-attack-subset.json'))
    rules = [x for r in args.rules for x in ('-r', r)]
    counts = collections.Counter()
    print(f'{"recording":62} {"campaigns":>9} {"technique":>9} {"hosts":>6} {"items":>6} {"findings":>8}')
    for row in csv.DictReader(open(os.path.join(folder, 'TRUTH.tsv')), delimiter='\t'):
        if int(row['events'] or 0) == 0 or args.only not in row['dataset']:
            continue
        if not row['hosts_in_logs']:
            continue  # not of Windows' own logs
        out = subprocess.run([args.spoor, 'trace', os.path.join(folder, row['dataset']), '-f', 'json', '-q', *rules],
                             capture_output=True, text=True)
        found = json.loads(out.stdout)
        name = os.path.basename(row['dataset'])
        if args.keep:
            open(os.path.join(args.keep, name + '.json'), 'w').write(out.stdout)
        campaigns = found['campaigns']
        want = {parent(new.get(t, t)) for t in row['techniques'].split(',')} | {parent(t) for t in row['techniques'].split(',')}
        steps = [s for c in campaigns for s in c['stages']]
        got = {parent(t) for s in steps for t in s.get('techniques', [s.get('technique', '')]) if t}
        shown = bool(want & got)
        hosts = {h['name']: h['state'] for c in campaigns for h in c['hosts']}
        compromised = {h for h, s in hosts.items() if s == 'compromised'}
        logs = {host(h) for h in row['hosts_in_logs'].split(',') if h}
        named = {host(h) for h in row['hosts_named_by_simulation'].split(',') if h}
        several = len(logs) > 1 and bool(named)
        right = set(hosts) == named
        bystander = compromised - named if several else set()
        findings = sum(s['findings'] for s in steps) + sum(a['findings'] for a in found['alone'])
        items = len(steps)
        counts['all'] += 1
        counts['one'] += len(campaigns) == 1
        counts['shown'] += shown
        counts['several'] += several
        counts['right'] += several and right
        counts['bystander'] += bool(bystander)
        print(f'{name[:62]:62} {len(campaigns):9} {"yes" if shown else "NO":>9} '
              f'{("yes" if right else "NO") if several else "-":>6} {items:6} {findings:8}'
              + (f'  BYSTANDER {",".join(bystander)}' if bystander else ''))
        if args.v and (not shown or (several and not right)):
            print('     want', sorted(want), 'got', sorted(got))
            print('     hosts', hosts, 'named', sorted(named))
    print(f'{counts["all"]} recordings; one campaign in {counts["one"]}; a listed technique in {counts["shown"]}; of '
          f'{counts["several"]} with several hosts the right ones in {counts["right"]}, a bystander compromised in '
          f'{counts["bystander"]}')
    for name, bound in (x.split('=') for x in args.least.split(',') if x):
        if counts[name] > int(bound) if name == 'bystander' else counts[name] < int(bound):
            print(f'FAILED: {name} is {counts[name]}, not {bound}')
            sys.exit(1)


if __name__ == '__main__':
    main()
