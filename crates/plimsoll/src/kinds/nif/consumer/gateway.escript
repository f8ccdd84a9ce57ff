#!/usr/bin/env escript
%% -*- erlang -*-
%% The way from a library that downloads to the harbor: a proxy that answers for every host with what the harbor serves.
%%
%%   escript …/gateway.escript HARBOR FOLDER
%%
%% A library that takes its URL from the user's module alone is left as it is, and so is the module. It is told of a proxy and of the one certificate
%% authority that it is to trust, as on a machine behind a firewall. What it asks for, of whatever host, is asked of the folder HARBOR by the last part of
%% its path, and the answer is handed on byte by byte, with its status and its faults. TLS ends here, with a certificate made for the host that was named.
%%
%% FOLDER gets `ca.pem`, then `port`, and `asked`, with a line for each request. Lines of this program's own begin with `plimsoll-nif: `, and the rest
%% is JSON.
-mode(compile).

%% Of OTP's headers, which a BEAM comes without.
-define(SUBJECT_ALT_NAME, {2, 5, 29, 17}).

-define(HEAD, 65536).
-define(PATIENCE, 60000).

main([Harbor, Folder]) ->
    {ok, _} = application:ensure_all_started(ssl),
    logger:set_primary_config(level, none),
    Root = public_key:pkix_test_root_cert("plimsoll harbor", [{digest, sha256}, {key, {namedCurve, secp256r1}}]),
    Pem = public_key:pem_encode([{'Certificate', maps:get(cert, Root), not_encrypted}]),
    ok = file:write_file(filename:join(Folder, "ca.pem"), Pem),
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}, {packet, raw}, {reuseaddr, true}]),
    {ok, Port} = inet:port(Listener),
    %% Whoever finds it finds it whole.
    Part = filename:join(Folder, "port.part"),
    ok = file:write_file(Part, integer_to_list(Port)),
    ok = file:rename(Part, filename:join(Folder, "port")),
    accept(Listener, #{harbor => uri_string:parse(Harbor), root => Root, folder => Folder}).

accept(Listener, Given) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Worker = spawn(fun() -> receive go -> catch serve(Socket, Given), gen_tcp:close(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Worker),
    Worker ! go,
    accept(Listener, Given).

serve(Socket, Given) ->
    case words(gen_tcp, Socket) of
        [<<"CONNECT">>, Authority | _] ->
            ok = gen_tcp:send(Socket, <<"HTTP/1.1 200 Connection established\r\n\r\n">>),
            {Host, Shown} = host(Authority),
            {ok, Secure} = ssl:handshake(Socket, certificate(Host, maps:get(root, Given)), ?PATIENCE),
            [Method, Target | _] = words(ssl, Secure),
            answer({ssl, Secure}, Method, <<"https://", Shown/binary, Target/binary>>, Given),
            ssl:close(Secure);
        [Method, Url | _] ->
            answer({gen_tcp, Socket}, Method, Url, Given)
    end.

%% The host that is named, for a certificate, and as a URL shows it.
host(Authority) ->
    #{host := Host} = Parsed = uri_string:parse(<<"//", Authority/binary>>),
    case maps:get(port, Parsed, 443) of
        443 -> {binary_to_list(Host), Host};
        Port -> {binary_to_list(Host), iolist_to_binary([Host, $:, integer_to_list(Port)])}
    end.

%% The words of a request's first line.
words(Transport, Socket) -> words(Transport, Socket, <<>>).

words(Transport, Socket, Head) when byte_size(Head) < ?HEAD ->
    case binary:split(Head, <<"\r\n\r\n">>) of
        [Lines, _] ->
            [First | _] = binary:split(Lines, <<"\r\n">>),
            binary:split(First, <<" ">>, [global]);
        _ ->
            {ok, More} = Transport:recv(Socket, 0, ?PATIENCE),
            words(Transport, Socket, <<Head/binary, More/binary>>)
    end.

answer({Transport, Socket}, Method, Url, #{harbor := Harbor, folder := Folder}) ->
    #{path := Path} = uri_string:parse(Url),
    Name = lists:last(binary:split(Path, <<"/">>, [global])),
    ok = file:write_file(filename:join(Folder, "asked"), [Method, " ", Url, "\n"], [append]),
    fact(<<"asked">>, Url),
    #{host := Host, port := Port, path := Below} = Harbor,
    case gen_tcp:connect(Host, Port, [binary, {active, false}], ?PATIENCE) of
        {ok, Source} ->
            Request = [Method, " ", string:trim(Below, trailing, "/"), "/", Name, " HTTP/1.1\r\nHost: ", Host, ":", integer_to_list(Port)],
            ok = gen_tcp:send(Source, [Request, "\r\nAccept: */*\r\nConnection: close\r\n\r\n"]),
            hand_on(Source, Transport, Socket);
        {error, Reason} ->
            Said = io_lib:format("~p", [Reason]),
            Transport:send(Socket, ["HTTP/1.1 502 the harbor cannot be reached, ", Said, "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"])
    end.

hand_on(Source, Transport, Socket) ->
    case gen_tcp:recv(Source, 0, ?PATIENCE) of
        {ok, Bytes} ->
            ok = Transport:send(Socket, Bytes),
            hand_on(Source, Transport, Socket);
        {error, _} ->
            gen_tcp:close(Source)
    end.

%% What TLS needs to answer as this host. Clients look for an address among the names as well.
certificate(Host, Root) ->
    Addresses =
        case inet:parse_address(Host) of
            {ok, Address} when tuple_size(Address) =:= 4 -> [{iPAddress, list_to_binary(tuple_to_list(Address))}];
            {ok, Address} -> [{iPAddress, << <<Part:16>> || Part <- tuple_to_list(Address) >>}];
            {error, _} -> []
        end,
    Names = {'Extension', ?SUBJECT_ALT_NAME, false, [{dNSName, Host} | Addresses]},
    Peer = [{digest, sha256}, {key, {namedCurve, secp256r1}}, {extensions, [Names]}],
    Chain = #{root => Root, intermediates => [], peer => Peer},
    #{server_config := Config} = public_key:pkix_test_data(#{server_chain => Chain, client_chain => Chain}),
    [{verify, verify_none} | Config].

fact(Name, Value) ->
    Escaped = [escaped(Byte) || <<Byte>> <= Value],
    io:put_chars(unicode:characters_to_binary(["plimsoll-nif: {\"fact\":\"", Name, "\",\"value\":\"", Escaped, "\"}\n"])).

escaped($") -> "\\\"";
escaped($\\) -> "\\\\";
escaped(Byte) when Byte > 31, Byte < 127 -> Byte;
escaped(Byte) -> io_lib:format("\\u~4.16.0b", [Byte]).
