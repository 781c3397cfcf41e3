# bash completion for spoor
_spoor() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
  local levels="informational low medium high critical"
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "hunt trace search entities attribute demo rules --help --version" -- "$current")
    return
  fi
  if [ "${COMP_WORDS[1]}" = rules ]; then
    if [ "$COMP_CWORD" -eq 2 ]; then
      mapfile -t COMPREPLY < <(compgen -W "check list explain test profile coverage --help" -- "$current")
      return
    fi
    if [ "${COMP_WORDS[2]}" = coverage ]; then
      case "$previous" in
        -f|--format) mapfile -t COMPREPLY < <(compgen -W "text json navigator" -- "$current"); return ;;
        --logsource|-j|--jobs) return ;;
      esac
      if [[ "$current" == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "-r --rules -f --format -o --output --logsource -j --jobs -q --quiet --help" -- "$current")
        return
      fi
    fi
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  if [ "${COMP_WORDS[1]}" = demo ]; then
    case "$previous" in
      --seed|--tenants|--days|--noise) return ;;
    esac
    if [[ "$current" == -* ]]; then
      mapfile -t COMPREPLY < <(compgen -W "--seed --tenants --days --noise --without-attack --force -q --quiet --help" -- "$current")
    else
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
    fi
    return
  fi
  if [ "${COMP_WORDS[1]}" = attribute ]; then
    case "$previous" in
      -f|--format) mapfile -t COMPREPLY < <(compgen -W "table json" -- "$current"); return ;;
      --visible|-n|--hypotheses) return ;;
    esac
    if [[ "$current" == -* ]]; then
      mapfile -t COMPREPLY < <(compgen -W "--visible -n --hypotheses --profiles --attack -f --format -o --output -q --quiet --help" -- "$current")
    else
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
    return
  fi
  if [ "${COMP_WORDS[1]}" = trace ] && [[ "$current" == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "-r --rules -t --tenant --tenants -f --format -c --case -o --output --roster --notify --redact --redact-key --logsource --mapping --timezone
      --archive-password -j --jobs -q --quiet --help" -- "$current")
    return
  fi
  case "$previous" in
    -f|--format)
      case "${COMP_WORDS[1]}" in
        trace) mapfile -t COMPREPLY < <(compgen -W "story json" -- "$current") ;;
        entities) mapfile -t COMPREPLY < <(compgen -W "text jsonl" -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -W "table jsonl csv" -- "$current") ;;
      esac
      return ;;
    --min-level|--fail-on) mapfile -t COMPREPLY < <(compgen -W "$levels" -- "$current"); return ;;
    --since|--until|--logsource|--timezone|--archive-password|--include|--exclude|-j|--jobs) return ;;
  esac
  if [[ "$current" == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "-r --rules -t --tenant --tenants -f --format -o --output --min-level --since --until --logsource --mapping --timezone --archive-password
      --include --exclude --pipeline --project --no-project --placeholders --all-statuses --carve --fail-on --no-sort -j --jobs --no-digest --stats -q --quiet --help" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _spoor spoor
