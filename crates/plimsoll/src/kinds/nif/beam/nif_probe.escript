#!/usr/bin/env escript
%% Unpacks the archive of a native library and has this BEAM load it. Meant to run in a child process: a library can hang, end the whole VM, or be
%% cut off so that reading it is a bus error.
%%
%%   nif_probe.escript synthetic --archive FILE --member NAME --module MODULE --into FOLDER [--sha256 HEX] [--call EXPRESSION]
%%   nif_probe.escript own … --app APP --ebin FOLDER --code-path FOLDER…
%%
%% With `--tree yes` the archive is the tree of a priv folder, and MODULE's library one file of it.
%%
%% `synthetic` makes a module out of what the library itself offers, so it cannot fail on a function that the project calls by another name: it
%% is the weaker probe. `own` loads the project's compiled module, with the library in the priv folder of its application.
%%
%% Each step says on standard output that it begins, so that one who waits knows where the VM was when it died. Lines of this program's own begin
%% with `plimsoll-nif: `, and the rest is JSON. Exit status: 0 passed, 1 failed and said why, 2 called wrongly.
-mode(compile).
-export([log/2]).

-define(MOST_FUNCTIONS, 4096).
-define(MOST_BYTES, 1073741824).

main(Words) ->
    case options(Words) of
        {ok, Mode, Options} ->
            try
                passed = run(Mode, Options),
                event([{passed, true}])
            catch
                throw:{failed, Code, Why} ->
                    event([{failed, Code}, {said, text(Why)}]),
                    halt(1)
            end;
        {error, Said} ->
            io:put_chars(standard_error, ["nif_probe: ", Said, "\n"]),
            halt(2)
    end.

run(Mode, Options) ->
    [true = code:add_patha(Path) || Path <- get_all('code-path', Options)],
    Archive = get_one(archive, Options),
    checksum(Archive, maps:get(sha256, Options, none)),
    Folder = filename:absname(get_one(into, Options)),
    Tree = get_all(tree, Options),
    Native = case Mode of
        synthetic -> Folder;
        own -> filename:join([Folder, "lib", get_one(app, Options), "priv"] ++ ["native" || _ <- [single], Tree =:= []])
    end,
    Library = unpack(Archive, get_one(member, Options), Native, Tree),
    machine(Library),
    Module = list_to_atom(get_one(module, Options)),
    stage(load),
    Functions = case Mode of
        synthetic -> synthetic(Module, filename:rootname(Library));
        own -> own(Module, Folder, Options)
    end,
    event([{loaded, {[{module, atom_to_list(Module)}, {functions, {list, lists:sort(Functions)}}]}}]),
    [call(Module, Expression) || Expression <- get_all(call, Options)],
    passed.

%% ---- the archive -----------------------------------------------------------------------------------------------------------------------

checksum(_, none) ->
    ok;
checksum(Archive, [Expected]) ->
    stage(checksum),
    {ok, _} = application:ensure_all_started(crypto),
    Found = string:lowercase(binary:encode_hex(crypto:hash(sha256, read(Archive)))),
    case list_to_binary(Expected) of
        Found -> ok;
        Other -> fail(checksum, ["the bytes have sha256:", Found, ", not sha256:", Other])
    end.

%% Exactly one member, a regular file of this name; or a tree that has it. What is not asked for is not written.
unpack(Archive, Member, Folder, Tree) ->
    stage(unpack),
    Entries = case erl_tar:table(Archive, [compressed, verbose]) of
        {ok, Found} -> [{element(1, Entry), element(2, Entry), element(3, Entry)} || Entry <- Found];
        {error, Reason} -> fail(archive, ["is damaged or cut off: ", erl_tar:format_error(Reason)])
    end,
    case lists:sum([Size || {_, _, Size} <- Entries]) of
        Sum when Sum > ?MOST_BYTES -> fail(archive, io_lib:format("holds ~b bytes, more than any library", [Sum]));
        _ -> ok
    end,
    Files = case Tree of
        [] -> one(Entries, Member);
        _ -> tree(Entries, Member)
    end,
    ok = filelib:ensure_dir(filename:join(Folder, "x")),
    case erl_tar:extract(Archive, [compressed, {cwd, Folder}, {files, Files}]) of
        ok -> filename:join(Folder, Member);
        {error, Why} -> fail(archive, ["is damaged or cut off: ", erl_tar:format_error(Why)])
    end.

one([{Member, regular, _}], Member) -> [Member];
one(Others, Member) ->
    fail(member, ["holds ", lists:join(", ", [["`", Name, "`"] || {Name, _, _} <- lists:sublist(Others, 4)]),
                  ", and is to hold the one file `", Member, "`"]).

tree(Entries, Member) ->
    Strange = [Name || {Name, Type, _} <- Entries, not (lists:member(Type, [regular, directory]) andalso is_inside(Name))],
    case {Strange, lists:keyfind(Member, 1, Entries)} of
        {[Name | _], _} -> fail(archive, ["holds `", Name, "`, which is no file of a priv folder"]);
        {[], {Member, regular, _}} -> [Name || {Name, regular, _} <- Entries];
        {[], _} -> fail(member, ["holds no file `", Member, "`"])
    end.

is_inside(Name) -> filename:pathtype(Name) =:= relative andalso not lists:member("..", filename:split(Name)).

%% Processor and word length, against those of this VM's own program file. Where there is none to look at, the loader will say what it thinks.
machine(Library) ->
    stage(machine),
    case {header("/proc/self/exe"), header(Library)} of
        {{elf, Same, _}, {elf, Same, End}} -> whole(Library, End);
        {{elf, Own, _}, {elf, Other, _}} ->
            fail(machine, ["is for ", describe(Other), ", and this BEAM is for ", describe(Own)]);
        {{elf, _, _}, {other, <<>>}} -> fail(library, "has no bytes");
        {{elf, _, _}, {other, Begin}} -> fail(machine, ["begins with ", binary:encode_hex(Begin), ", which is no ELF file"]);
        {{other, _}, _} -> ok
    end.

header(Path) ->
    case file:open(Path, [read, raw, binary]) of
        {ok, Device} ->
            Read = file:read(Device, 64),
            ok = file:close(Device),
            case Read of
                {ok, <<16#7f, "ELF", Class, 1, _:12/binary, Machine:16/little, _:4/binary, Rest/binary>>} ->
                    {elf, {Class, little, Machine}, tables_end(Class, little, Rest)};
                {ok, <<16#7f, "ELF", Class, 2, _:12/binary, Machine:16/big, _:4/binary, Rest/binary>>} ->
                    {elf, {Class, big, Machine}, tables_end(Class, big, Rest)};
                {ok, Bytes} -> {other, binary:part(Bytes, 0, min(4, byte_size(Bytes)))};
                _ -> {other, <<>>}
            end;
        {error, _} ->
            {other, <<>>}
    end.

%% Where the table of sections ends: linkers write it last, so a file that ends before was cut off. The loader maps such a file all the same, and the
%% VM dies of a bus error when it touches what is not there. Rest begins at e_entry.
tables_end(2, little, <<_:16/binary, Offset:64/little, _:10/binary, Size:16/little, Count:16/little, _/binary>>) -> Offset + Size * Count;
tables_end(2, big, <<_:16/binary, Offset:64/big, _:10/binary, Size:16/big, Count:16/big, _/binary>>) -> Offset + Size * Count;
tables_end(1, little, <<_:8/binary, Offset:32/little, _:10/binary, Size:16/little, Count:16/little, _/binary>>) -> Offset + Size * Count;
tables_end(1, big, <<_:8/binary, Offset:32/big, _:10/binary, Size:16/big, Count:16/big, _/binary>>) -> Offset + Size * Count;
tables_end(_, _, _) -> infinity.

whole(Library, End) ->
    case filelib:file_size(Library) of
        Size when Size >= End -> ok;
        Size -> fail(library, io_lib:format("is cut off: ~b bytes are there, and its tables end at ~tp", [Size, End]))
    end.

describe({Class, Order, Machine}) ->
    Name = case Machine of
        3 -> "i386"; 40 -> "arm"; 62 -> "x86_64"; 183 -> "aarch64"; 243 -> "riscv"; Other -> io_lib:format("processor ~b", [Other])
    end,
    io_lib:format("~ts (~b bits, ~p endian)", [Name, 32 * Class, Order]).

%% ---- a module out of the library's own entry -------------------------------------------------------------------------------------------

%% The BEAM names one missing function a time, so the module grows until nothing is missing.
synthetic(Module, Path) ->
    grow(Module, Path, []).

grow(_, _, Functions) when length(Functions) > ?MOST_FUNCTIONS ->
    fail(function, io_lib:format("offers more than ~b functions", [?MOST_FUNCTIONS]));
grow(Module, Path, Functions) ->
    make(Module, Functions),
    case (catch Module:'plimsoll load'(Path)) of
        ok -> [named(Function) || Function <- Functions];
        {error, {bad_lib, Text}} ->
            case missing(Module, Text) of
                {ok, Function} -> grow(Module, Path, [Function | Functions]);
                none -> refused({bad_lib, Text})
            end;
        {error, Reason} -> refused(Reason);
        Other -> fail(load, io_lib:format("~tp", [Other]))
    end.

missing(Module, Text) ->
    Prefix = lists:flatten(io_lib:format("Function not found ~tw:", [Module])),
    case string:prefix(Text, Prefix) of
        nomatch -> none;
        Rest ->
            case string:split(Rest, "/", trailing) of
                [Name, Arity] ->
                    case {erl_scan:string(Name), string:to_integer(Arity)} of
                        {{ok, [{atom, _, Atom}], _}, {Number, []}} when Number >= 0, Number =< 255 -> {ok, {Atom, Number}};
                        %% A name that is written without quotes though it needs them, as Elixir's `valid?`.
                        {_, {Number, []}} when Number >= 0, Number =< 255 -> {ok, {list_to_atom(string:trim(Name, both, "'")), Number}};
                        _ -> none
                    end;
                _ -> none
            end
    end.

make(Module, Functions) ->
    Call = fun(Name, Arguments) -> {call, 1, {remote, 1, {atom, 1, erlang}, {atom, 1, Name}}, Arguments} end,
    Load = {'plimsoll load', 1},
    Forms = [{attribute, 1, module, Module}, {attribute, 1, export, [Load | Functions]},
        {function, 1, 'plimsoll load', 1, [{clause, 1, [{var, 1, 'Path'}], [], [Call(load_nif, [{var, 1, 'Path'}, {integer, 1, 0}])]}]}
        | [{function, 1, Name, Arity, [{clause, 1, [{var, 1, '_'} || _ <- lists:seq(1, Arity)], [],
            [Call(nif_error, [{atom, 1, not_loaded}])]}]} || {Name, Arity} <- Functions]],
    {ok, Module, Code} = compile:forms(Forms, []),
    code:purge(Module),
    {module, Module} = code:load_binary(Module, "synthetic", Code),
    ok.

%% ---- the project's own module ----------------------------------------------------------------------------------------------------------

own(Module, Folder, Options) ->
    Ebin = filename:join([Folder, "lib", get_one(app, Options), "ebin"]),
    ok = filelib:ensure_dir(filename:join(Ebin, "x")),
    [{ok, _} = file:copy(File, filename:join(Ebin, filename:basename(File)))
        || File <- filelib:wildcard(filename:join(get_one(ebin, Options), "*.{beam,app}"))],
    true = code:add_patha(Ebin),
    start_elixir(),
    ok = logger:add_handler(plimsoll, ?MODULE, #{config => self()}),
    Loaded = code:ensure_loaded(Module),
    case Loaded of
        {module, Module} -> [named(Function) || Function <- Module:module_info(nifs)];
        {error, on_load_failure} ->
            receive {on_load, Reason} -> refused(Reason)
            after 2000 -> fail('on-load', "the module's own on_load function did not load the library")
            end;
        {error, nofile} -> fail('module-missing', ["the project has no compiled module ", atom_to_list(Module)]);
        {error, Other} -> fail('on-load', io_lib:format("~tp", [Other]))
    end.

%% The code server tells the reason to the log and to nobody else.
log(#{msg := {report, #{format := Format, args := Arguments}}}, Config) ->
    log(#{msg => {Format, Arguments}}, Config);
log(#{msg := {Format, Arguments}}, #{config := Owner}) when is_list(Arguments) ->
    case [Reason || {error, Reason} <- Arguments] of
        [Reason | _] -> Owner ! {on_load, Reason};
        [] -> Owner ! {on_load, {other, io_lib:format(Format, Arguments)}}
    end;
log(_, _) ->
    ok.

%% ---- what the BEAM says ----------------------------------------------------------------------------------------------------------------

%% Classes and texts of erlang:load_nif/2 (erl_nif.c); dlerror's words come from the loader.
refused({Class, Text0}) ->
    Text = text(Text0),
    Has = fun(Part) -> string:find(Text, Part) =/= nomatch end,
    Code = case Class of
        bad_lib ->
            case {Has("does not match calling module"), Has("Function not found"), Has("newer erts") orelse Has("version"), Has("init function")} of
                {true, _, _, _} -> module;
                {_, true, _, _} -> function;
                {_, _, _, true} -> 'no-way-in';
                {_, _, true, _} -> version;
                _ -> 'bad-library'
            end;
        load_failed ->
            case {Has("nif_init"), Has("undefined symbol") orelse Has("symbol not found")} of
                {true, _} -> 'no-way-in';
                {_, true} -> symbol;
                _ -> library
            end;
        load -> load;
        _ -> 'on-load'
    end,
    fail(Code, Text);
refused(Other) ->
    fail('on-load', io_lib:format("~tp", [Other])).

%% ---- the project's own call ------------------------------------------------------------------------------------------------------------

%% As Elixir where Elixir is on the code path, else as Erlang. It must give true.
call(Module, Expression) ->
    stage(call),
    Value = try evaluate(Module, Expression) catch Class:Reason -> fail(call, io_lib:format("`~ts` ended with ~p: ~tp", [Expression, Class, Reason])) end,
    case Value of
        true -> event([{called, Expression}]);
        _ -> fail(call, io_lib:format("`~ts` gave ~tp, not true", [Expression, Value]))
    end.

evaluate(Module, Expression) ->
    case start_elixir() of
        true ->
            Import = io_lib:format("import :\"~ts\", warn: false\n~ts", [Module, Expression]),
            {Value, _} = 'Elixir.Code':eval_string(unicode:characters_to_binary(Import)),
            Value;
        false ->
            {ok, Tokens, _} = erl_scan:string(Expression ++ "."),
            {ok, Parsed} = erl_parse:parse_exprs(Tokens),
            {value, Value, _} = erl_eval:exprs(Parsed, [], {value, fun(Name, Arguments) -> apply(Module, Name, Arguments) end}),
            Value
    end.

start_elixir() ->
    case code:ensure_loaded('Elixir.Code') of
        {module, _} -> {ok, _} = application:ensure_all_started(elixir), true;
        _ -> false
    end.

%% ---- words -----------------------------------------------------------------------------------------------------------------------------

fail(Code, Said) -> throw({failed, Code, Said}).

named({Name, Arity}) -> lists:flatten(io_lib:format("~ts/~b", [Name, Arity])).

text(Said) -> unicode:characters_to_list(iolist(Said)).

iolist(Said) when is_binary(Said) -> Said;
iolist(Said) when is_list(Said) -> Said;
iolist(Other) -> io_lib:format("~tp", [Other]).

read(Path) ->
    case file:read_file(Path) of
        {ok, Bytes} -> Bytes;
        {error, Reason} -> fail(archive, ["cannot be read: ", file:format_error(Reason)])
    end.

stage(Name) -> event([{stage, Name}]).

event(Members) -> io:put_chars(["plimsoll-nif: ", json({Members}), "\n"]).

json({list, Items}) -> ["[", lists:join(",", [json(Item) || Item <- Items]), "]"];
json({Members}) -> ["{", lists:join(",", [[json(Key), ":", json(Value)] || {Key, Value} <- Members]), "}"];
json(true) -> "true";
json(Atom) when is_atom(Atom) -> json(atom_to_list(Atom));
json(Text) -> [$", [escaped(Char) || Char <- unicode:characters_to_list(Text)], $"].

escaped($") -> "\\\"";
escaped($\\) -> "\\\\";
escaped(Char) when Char < 32; Char =:= 127 -> io_lib:format("\\u~4.16.0b", [Char]);
escaped(Char) -> Char.

options([Mode | Words]) when Mode =:= "synthetic"; Mode =:= "own" ->
    Needed = [archive, member, module, into] ++ [Key || Key <- [app, ebin], Mode =:= "own"],
    case pairs(Words, #{}) of
        {ok, Options} ->
            case [atom_to_list(Key) || Key <- Needed, not is_map_key(Key, Options)] of
                [] -> {ok, list_to_atom(Mode), Options};
                Missing -> {error, ["missing --", lists:join(", --", Missing)]}
            end;
        Error -> Error
    end;
options(_) ->
    {error, "the first word is `synthetic` or `own`"}.

pairs([], Options) -> {ok, Options};
pairs(["--" ++ Key, Value | Rest], Options) ->
    Known = ["archive", "sha256", "member", "module", "into", "call", "app", "ebin", "code-path", "tree"],
    case lists:member(Key, Known) of
        true ->
            Atom = list_to_atom(Key),
            pairs(Rest, Options#{Atom => maps:get(Atom, Options, []) ++ [Value]});
        false -> {error, ["unknown option --", Key]}
    end;
pairs([Word | _], _) -> {error, ["what is `", Word, "`?"]}.

get_one(Key, Options) -> hd(maps:get(Key, Options)).

get_all(Key, Options) -> maps:get(Key, Options, []).
