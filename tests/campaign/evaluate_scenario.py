#!/usr/bin/env python3
"""evaluate_scenario.py SPOOR [--seeds N] [--from N] [--noise N,N,…] [--keep DIR]: writes the example campaign (spoor demo) for some
seeds, traces it, and holds what comes out against what really happened; and the same days without the attack, in which
there must be no campaign.

A row for each scenario: campaigns; customers' servers that the intruder came to through the provider and that are among
the machines of the first campaign, those of which the logs have no record of the intruder at all (and how many of these the
story names as missing), and machines there that are not the truth's or are told twice (one that is told by its address alone is told); customers' networks that its paths lead into from the provider's, and paths of no truth; organisations whose first machine is
the one that was ("patient zero"), of those it tells; accounts that were used or made among its victims, others there; steps of the truth that a server's logs show and that the first campaign shows (a record of theirs is
among its own); the same of the waves of tracking mails, whom they were sent
to (of those at work whom logs name) and that were not, and of home routers and of mail and cloud accounts, and the steps of the first campaign whose
records are of such logs and none is of the truth; the records of such logs that its steps have, out of those of the
truth, and others; steps of it with no record of the truth; campaigns on days without the attack; items to read."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def read(path):
    with open(path) as f:
        return json.load(f)


def trace(spoor, folder, out):
    if not os.path.isdir(os.path.join(folder, 'evidence')):
        return {'campaigns': []}  # no ordinary work and no attack: nothing was written
    run(spoor, 'trace', '--tenants', os.path.join(folder, 'evidence'), '-f', 'json', '-o', out, '-q')
    return read(out)


def lines_to_read(spoor, folder):
    """Of the first campaign's story: a line for each stage of a visit to a machine."""
    story = run(spoor, 'trace', '--tenants', os.path.join(folder, 'evidence'), '-f', 'story', '-q').stdout
    return sum(1 for line in story.split('\nCampaign C2')[0].split('\n  How it began')[0].split('\n  From one organisation')[0].splitlines()
               if line.startswith('      ') and not line.startswith('       '))


def write_days(args, folder, seed, noise, attack):
    if not os.path.exists(os.path.join(folder, 'truth.json')):
        shutil.rmtree(folder, ignore_errors=True)
        made = run(args.spoor, 'demo', folder, '--seed', str(seed), '--noise', noise, '-q',
                   *([] if attack else ['--without-attack']))
        if made.returncode != 0:
            sys.exit(made.stderr)
    return folder


def records_of(step):
    return {(r['path'], n) for r in step['records'] for n in r.get('numbers', r.get('lines', []))}


def is_cloud(path):
    return '/cloud/' in path or '/home-routers/' in path


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('spoor')
    p.add_argument('--seeds', type=int, default=3)
    p.add_argument('--from', type=int, default=1, dest='first', help='the first seed')
    p.add_argument('--noise', default='1')
    p.add_argument('--least', default='', help='one=SHARE,servers=SHARE,told=SHARE,steps=SHARE,mail=SHARE,cloud=SHARE,cloud_foreign=SHARE,zero=SHARE,accounts=SHARE,foreign=SHARE,quiet=SHARE,networks=SHARE,lines=MEAN: fail beyond these')
    p.add_argument('--keep', help='a folder for the scenarios: what is there from an earlier run is not written anew')
    p.add_argument('--attack-only', action='store_true', help='leave out the same days without the attack')
    p.add_argument('-v', action='store_true')
    args = p.parse_args()
    total = {'mail': 0, 'of_mail': 0, 'cloud': 0, 'of_cloud': 0, 'cloud_foreign': 0, 'of_cloud_foreign': 0, 'servers': 0, 'of_servers': 0, 'steps': 0, 'of_steps': 0, 'foreign': 0, 'of_foreign': 0, 'quiet': 0, 'scenarios': 0,
             'zero': 0, 'of_zero': 0, 'accounts': 0, 'of_accounts': 0, 'lines': 0, 'networks': 0, 'of_networks': 0, 'one': 0, 'told': 0}
    print(f'{"seed":>4} {"noise":>5} {"campaigns":>9} {"servers":>8} {"silent":>6} {"others":>6} {"networks":>6} {"patient zero":>12} {"accounts":>9} {"steps":>9} {"mail":>8} {"sent to":>14} {"cloud":>9} {"records":>11} {"foreign":>9} {"items":>6} {"quiet days":>10}')
    work = tempfile.mkdtemp()
    for noise in args.noise.split(','):
        for seed in range(args.first, args.first + args.seeds):
            quiet, done = 0, []
            for attack in (True,) if args.attack_only else (True, False):
                folder = write_days(args, os.path.join(args.keep or work, f'{seed}-{noise}{"" if attack else "-quiet"}'),
                                    seed, noise, attack)
                found = trace(args.spoor, folder, os.path.join(work, 'out.json'))
                if not args.keep:
                    done.append(folder)
                if not attack:
                    quiet = len(found['campaigns'])
                    continue
                truth = read(os.path.join(folder, 'truth.json'))
                first = found['campaigns'][0] if found['campaigns'] else {'hosts': [], 'stages': []}
                campaigns = len(found['campaigns'])
                items = lines_to_read(args.spoor, folder)
                prefix = folder + '/'
                shown = [({(r['path'].removeprefix(prefix), r['record']) for r in s['records']}, s) for s in first['stages']]
                servers = {(h['tenant'], h['host'].lower()) for h in truth['hosts'] if h['server'] and h['from_provider']}
                recorded = {(s['tenant'], s['host'].lower()) for s in truth['steps'] if s.get('host')
                            and any(r['path'].startswith(f'evidence/{s["tenant"]}/') for r in s['records'])}
                named = {(g.get('tenant'), g.get('host', '').split('.')[0].lower()) for g in first.get('gaps', [])
                         if g.get('until') or g['missing'].endswith('where they were not seen')}
                silent = servers - recorded  # of which no record is left
                known = {(h['tenant'], h['host'].lower()) for h in truth['hosts']}
                # By name or, where nothing told the name, by address. Routers at home are called by their logs.
                by_address = {(h['tenant'], h['address']): h['host'].lower() for h in truth['hosts'] if 'address' in h}
                routers = {os.path.basename(f['path']).split('.')[0].lower() for f in truth['files'] if '/home-routers/' in f['path']}
                called = [(h.get('tenant'), by_address.get((h.get('tenant'), h['name']), h['name'].split('.')[0].lower()))
                          for h in first['hosts'] if h['state'] != 'targeted' and h['name'].split(' in ')[-1] not in routers]
                hosts = set(called)
                twice = len(called) - len(hosts)  # by both
                into = {(x['from_tenant'], x['to_tenant']) for x in first.get('paths', [])}
                provider = next(t['tenant'] for t in truth['tenants'] if t['kind'] == 'provider')
                networks = {(provider, x['customer']) for x in truth['paths']}
                zero = {x['tenant']: x['host'].lower() for x in truth['patient_zero']}
                days = [d for d in first.get('first_day', []) if d.get('tenant') in zero]
                zeros = [d for d in days if d['host'].split('.')[0].lower() == zero[d['tenant']]]
                used = {(a['tenant'], a['account'].lower()) for a in truth['accounts'] if a['state'] in ('used', 'created') and '@' not in a['account']}
                victims = {(v.get('tenant'), v['name']) for c in found['campaigns'] for v in c['victims']
                           if v['kind'] == 'account' and '@' not in v['name'] and v['state'] not in ('targeted', 'reached')}
                steps = [s for s in truth['steps'] if s.get('host') and s['stage'] not in (1, 2, 11) and s['records']]
                mail = [s for s in truth['steps'] if s['stage'] == 1 and s['records']]
                mail_shown = set().union(*(r for r, x in shown if x.get('stage') == 'tracking mail')) if shown else set()
                mail_seen = [s for s in mail if records_of(s) & mail_shown]
                sent = {m['mailbox'] for m in truth['mailboxes'] if m['targeted']}
                told = {v['name'] for v in first.get('victims', []) if v['kind'] == 'mailbox' and 'mail in the name' in v['why']}
                seen = [s for s in steps if any(records_of(s) & r for r, _ in shown)]
                true_records = set().union(*(records_of(s) for s in truth['steps']))
                foreign = [s for r, s in shown if not r & true_records]
                cloud = [s for s in truth['steps'] if s['stage'] in (2, 11)]
                cloud_seen = [s for s in cloud if any(records_of(s) & r for r, _ in shown)]
                cloud_shown = [r for r, _ in shown if any(is_cloud(path) for path, _ in r)]
                cloud_foreign = [r for r in cloud_shown if not r & true_records]
                cloud_records = set().union(*(records_of(s) for s in cloud))
                cloud_found = set().union(*cloud_shown)
                if args.v:
                    for s in steps + cloud:
                        if s not in seen and s not in cloud_seen:
                            print('      missed', s['stage'], s['name'], s['technique'], s['tenant'], s.get('host'), s['time'][:16], s['text'][:70])
                    for s in foreign:
                        print('      foreign', s.get('time', '')[:16], s.get('tenant'), s.get('host'), s['title'], '|', s.get('summary', '')[:80])
                    print('      networks missed', sorted(networks - into), 'others', sorted(into - networks))
                    for d in days:
                        if d not in zeros:
                            print('      patient zero', d['tenant'], d['host'], 'not', zero[d['tenant']])
                    print('      accounts missed', sorted(used - victims), 'others', sorted(victims - used))
                    print('      hosts missed', sorted(servers - hosts), 'of these without record', sorted(silent), 'others', sorted(hosts - known))
            for folder in done:
                shutil.rmtree(folder)
            total['scenarios'] += 1
            total['one'] += campaigns == 1
            total['told'] += len(servers & hosts) + len((silent - hosts) & named)
            total['lines'] += items
            total['networks'] += len(networks & into) - len(into - networks)
            total['of_networks'] += len(networks)
            total['servers'] += len(servers & hosts)
            total['of_servers'] += len(servers)
            total['steps'] += len(seen)
            total['of_steps'] += len(steps)
            total['cloud'] += len(cloud_seen)
            total['of_cloud'] += len(cloud)
            total['cloud_foreign'] += len(cloud_foreign)
            total['of_cloud_foreign'] += len(cloud_shown)
            total['foreign'] += len(foreign)
            total['of_foreign'] += len(shown)
            total['mail'] += len(mail_seen)
            total['of_mail'] += len(mail)
            total['quiet'] += quiet == 0
            total['zero'] += len(zeros)
            total['of_zero'] += len(days)
            total['accounts'] += len(used & victims)
            total['of_accounts'] += len(used)
            print(f'{seed:4} {noise:>5} {campaigns:9} {len(servers & hosts):4}/{len(servers):<3} '
                  f'{len((silent - hosts) & named):4}/{len(silent)} {len(hosts - known) + twice:6} '
                  f'{len(networks & into):2}/{len(networks)}+{len(into - networks)} '
                  f'{len(zeros):9}/{len(days)} {len(used & victims):4}/{len(used)}+{len(victims - used)} '
                  f'{len(seen):4}/{len(steps):<4} {len(mail_seen):4}/{len(mail):<4} {len(told & sent):5}/{len(sent)}+{len(told - sent):<2} {len(cloud_seen):3}/{len(cloud)}+{len(cloud_foreign):<2} '
                  f'{len(cloud_found & cloud_records):4}/{len(cloud_records)}+{len(cloud_found - true_records):<2} {len(foreign):4}/{len(shown):<4} {items:6} '
                  f'{"none" if quiet == 0 else quiet:>10}')
    shutil.rmtree(work)
    share = {k: total[k] / max(1, total[of]) for k, of in
             (('servers', 'of_servers'), ('steps', 'of_steps'), ('zero', 'of_zero'), ('mail', 'of_mail'), ('cloud', 'of_cloud'), ('cloud_foreign', 'of_cloud_foreign'),
              ('accounts', 'of_accounts'), ('foreign', 'of_foreign'), ('quiet', 'scenarios'), ('lines', 'scenarios'), ('networks', 'of_networks'), ('one', 'scenarios'), ('told', 'of_servers'))}
    print(f'as one campaign {share["one"]:.0%}, servers {share["servers"]:.0%}, with those named as missing {share["told"]:.0%}, steps {share["steps"]:.0%}, patient zero {share["zero"]:.0%}, accounts '
          f'{share["accounts"]:.0%}, of mails {share["mail"]:.0%}, of routers and accounts {share["cloud"]:.0%} ({share["cloud_foreign"]:.0%} foreign), foreign steps {share["foreign"]:.0%}, quiet days '
          f'without a campaign {share["quiet"]:.0%}')
    for name, bound in (x.split('=') for x in args.least.split(',') if x):
        if share[name] > float(bound) if 'foreign' in name or name == 'lines' else share[name] < float(bound):
            print(f'FAILED: {name} is {share[name]:.2f}, not {bound}')
            sys.exit(1)


if __name__ == '__main__':
    main()
