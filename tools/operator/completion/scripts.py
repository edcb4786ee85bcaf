"""The shells' scripts. Each calls the program by the word that was typed, which may be a path to it.

A script asks the program for what may come next by variables in its environment, as Typer defines them.
Typer's own scripts for zsh and fish call a program that must be on the PATH.
"""

BASH = r"""_trackgate_completion() {
    local IFS=$'\n' program="${COMP_WORDS[0]/#\~/$HOME}"
    COMPREPLY=( $(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \
        _TRACKGATE_COMPLETE=complete_bash "$program" 2>/dev/null) )
    # bash inserts it as it is, and "dead letter" would be two words.
    if [ ${#COMPREPLY[@]} -eq 1 ]; then COMPREPLY=( "$(printf %q "${COMPREPLY[0]}")" ); fi
}
complete -o default -F _trackgate_completion trackgate
"""

ZSH = r"""#compdef trackgate
_trackgate() {
    local program=${~words[1]}
    eval "$(_TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" \
        _TRACKGATE_COMPLETE=complete_zsh "$program" 2>/dev/null)"
}
if [[ "${funcstack[1]}" == "_trackgate" ]]; then
    _trackgate "$@"
else
    compdef _trackgate trackgate
fi
"""

FISH = r"""function __trackgate_complete
    set -l program (commandline -opc)[1]
    set -l program (string replace -r -- '^~' $HOME $program)
    env _TRACKGATE_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=$argv[1] \
        _TYPER_COMPLETE_ARGS=(commandline -cp | string collect) $program 2>/dev/null
end
complete --command trackgate --no-files --condition '__trackgate_complete is-args' \
    --arguments '(__trackgate_complete get-args)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
