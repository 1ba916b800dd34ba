# usage.sh: the command line of the tools in shell, which source it: --help shows the first comment of the tool,
# and a word that is none of $known ends it.
for word in "$@"; do
    case " ${known:-} " in
    *" $word "*) continue ;;
    esac
    if [ "$word" = --help ] || [ "$word" = -h ]; then
        sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
        exit 0
    fi
    printf "%s: '%s' is no option of it; --help shows what there is\n" "$(basename "$0")" "$word" >&2
    exit 2
done
