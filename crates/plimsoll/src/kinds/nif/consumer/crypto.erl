%% Of OTP's crypto what mix and `rustler_precompiled` call, for a BEAM that cannot load OTP's own: digests and random bytes. Slow, and no more
%% than that; everything else is undefined, and who asks for it is told in a line that begins with `plimsoll-nif: `, whose rest is JSON: that it is
%% missing says nothing of who misses it.
-module(crypto).
-export([start/0, stop/0, info_lib/0, hash/2, strong_rand_bytes/1, '$handle_undefined_function'/2]).

-define(WORD, 16#FFFFFFFF).
-define(LONG, 16#FFFFFFFFFFFFFFFF).

start() -> application:start(crypto).
stop() -> application:stop(crypto).
info_lib() -> [{<<"plimsoll">>, 0, <<"a stand-in: digests and random bytes only">>}].

strong_rand_bytes(Count) ->
    {ok, File} = file:open("/dev/urandom", [read, raw, binary]),
    {ok, Bytes} = case Count of 0 -> {ok, <<>>}; _ -> file:read(File, Count) end,
    ok = file:close(File),
    Bytes.

hash(md5, Data) -> erlang:md5(Data);
hash(sha256, Data) -> sha256(iolist_to_binary(Data));
hash(blake2b, Data) -> blake2b(iolist_to_binary(Data));
hash(Other, _) ->
    lacks(io_lib:format("hash/2 of ~p", [Other])),
    error({notsup, Other}).

%% Elixir asks every module whether it is one of its own.
'$handle_undefined_function'('__info__', Arguments) ->
    error_handler:raise_undef_exception(?MODULE, '__info__', Arguments);
'$handle_undefined_function'(Name, Arguments) ->
    lacks(io_lib:format("~ts/~b", [Name, length(Arguments)])),
    error_handler:raise_undef_exception(?MODULE, Name, Arguments).

%% Modules of OTP call for others.
lacks(What) ->
    {current_stacktrace, Frames} = process_info(self(), current_stacktrace),
    Own = [crypto, error_handler, erlang, public_key, pubkey_ssh, tls_connection, ssl, ssl_cipher],
    Callers = [io_lib:format("~ts.~ts/~b", [module(Module), Name, Arity])
               || {Module, Name, Arity, _} <- Frames, not lists:member(Module, Own), is_integer(Arity)],
    By = case Callers of [] -> ""; [Caller | _] -> [", which ", Caller, " calls"] end,
    Text = [Char || Char <- lists:flatten([What, By]), Char > 31, Char < 127, Char =/= $", Char =/= $\\],
    io:put_chars(user, ["\nplimsoll-nif: {\"fact\":\"lacks\",\"value\":\"", Text, "\"}\n"]).

module(Module) ->
    case atom_to_list(Module) of "Elixir." ++ Name -> Name; Name -> Name end.

%% FIPS 180-4, section 6.2.

sha256(Data) ->
    Size = byte_size(Data),
    Zeros = 8 * ((119 - Size rem 64) rem 64),
    State = sha256_blocks(<<Data/binary, 16#80, 0:Zeros, (8 * Size):64>>, sha256_start()),
    << <<Word:32>> || Word <- State >>.

sha256_blocks(<<>>, State) -> State;
sha256_blocks(<<Block:64/binary, Rest/binary>>, State) ->
    Words = [Word || <<Word:32>> <= Block],
    Mixed = sha256_rounds(sha256_constants(), Words, list_to_tuple(State)),
    sha256_blocks(Rest, lists:zipwith(fun(Old, New) -> (Old + New) band ?WORD end, State, tuple_to_list(Mixed))).

%% Words are the next sixteen of the schedule.
sha256_rounds([], _, State) -> State;
sha256_rounds([Constant | Constants], [Word | Words], {A, B, C, D, E, F, G, H}) ->
    First = H + (turn(E, 6) bxor turn(E, 11) bxor turn(E, 25)) + ((E band F) bxor ((E bxor ?WORD) band G)) + Constant + Word,
    Second = (turn(A, 2) bxor turn(A, 13) bxor turn(A, 22)) + ((A band B) bxor (A band C) bxor (B band C)),
    State = {(First + Second) band ?WORD, A, B, C, (D + First) band ?WORD, E, F, G},
    sha256_rounds(Constants, sha256_schedule(Word, Words), State).

sha256_schedule(W0, [W1, _, _, _, _, _, _, _, W9, _, _, _, _, W14, _] = Words) ->
    Small = turn(W1, 7) bxor turn(W1, 18) bxor (W1 bsr 3),
    Large = turn(W14, 17) bxor turn(W14, 19) bxor (W14 bsr 10),
    Words ++ [(W0 + Small + W9 + Large) band ?WORD].

turn(Word, Bits) -> ((Word bsr Bits) bor (Word bsl (32 - Bits))) band ?WORD.

sha256_start() ->
    [16#6A09E667, 16#BB67AE85, 16#3C6EF372, 16#A54FF53A, 16#510E527F, 16#9B05688C, 16#1F83D9AB, 16#5BE0CD19].

sha256_constants() ->
    [16#428A2F98, 16#71374491, 16#B5C0FBCF, 16#E9B5DBA5, 16#3956C25B, 16#59F111F1, 16#923F82A4, 16#AB1C5ED5,
     16#D807AA98, 16#12835B01, 16#243185BE, 16#550C7DC3, 16#72BE5D74, 16#80DEB1FE, 16#9BDC06A7, 16#C19BF174,
     16#E49B69C1, 16#EFBE4786, 16#0FC19DC6, 16#240CA1CC, 16#2DE92C6F, 16#4A7484AA, 16#5CB0A9DC, 16#76F988DA,
     16#983E5152, 16#A831C66D, 16#B00327C8, 16#BF597FC7, 16#C6E00BF3, 16#D5A79147, 16#06CA6351, 16#14292967,
     16#27B70A85, 16#2E1B2138, 16#4D2C6DFC, 16#53380D13, 16#650A7354, 16#766A0ABB, 16#81C2C92E, 16#92722C85,
     16#A2BFE8A1, 16#A81A664B, 16#C24B8B70, 16#C76C51A3, 16#D192E819, 16#D6990624, 16#F40E3585, 16#106AA070,
     16#19A4C116, 16#1E376C08, 16#2748774C, 16#34B0BCB5, 16#391C0CB3, 16#4ED8AA4A, 16#5B9CCA4F, 16#682E6FF3,
     16#748F82EE, 16#78A5636F, 16#84C87814, 16#8CC70208, 16#90BEFFFA, 16#A4506CEB, 16#BEF9A3F7, 16#C67178F2].

%% RFC 7693, section 3: BLAKE2b without a key, 64 bytes long.

blake2b(Data) ->
    [First | Rest] = blake2b_start(),
    State = blake2b_blocks(Data, 0, [First bxor 16#01010040 | Rest]),
    << <<Word:64/little>> || Word <- State >>.

blake2b_blocks(<<Block:128/binary, Rest/binary>>, Count, State) when Rest =/= <<>> ->
    blake2b_blocks(Rest, Count + 128, blake2b_mix(Block, Count + 128, 0, State));
blake2b_blocks(Last, Count, State) ->
    Size = byte_size(Last),
    blake2b_mix(<<Last/binary, 0:(8 * (128 - Size))>>, Count + Size, ?LONG, State).

blake2b_mix(Block, Count, Final, State) ->
    Words = list_to_tuple([Word || <<Word:64/little>> <= Block]),
    [S0, S1, S2, S3, S4, S5, S6, S7] = blake2b_start(),
    Start = State ++ [S0, S1, S2, S3, S4 bxor (Count band ?LONG), S5 bxor (Count bsr 64), S6 bxor Final, S7],
    Mixed = tuple_to_list(lists:foldl(fun(Order, V) -> blake2b_round(Order, Words, V) end, list_to_tuple(Start), blake2b_orders())),
    {Low, High} = lists:split(8, Mixed),
    lists:zipwith3(fun(Old, A, B) -> Old bxor A bxor B end, State, Low, High).

blake2b_round(Order, Words, {V0, V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12, V13, V14, V15}) ->
    [M0, M1, M2, M3, M4, M5, M6, M7, M8, M9, M10, M11, M12, M13, M14, M15] = [element(Place + 1, Words) || Place <- Order],
    {A0, A4, A8, A12} = blake2b_quarter(V0, V4, V8, V12, M0, M1),
    {A1, A5, A9, A13} = blake2b_quarter(V1, V5, V9, V13, M2, M3),
    {A2, A6, A10, A14} = blake2b_quarter(V2, V6, V10, V14, M4, M5),
    {A3, A7, A11, A15} = blake2b_quarter(V3, V7, V11, V15, M6, M7),
    {B0, B5, B10, B15} = blake2b_quarter(A0, A5, A10, A15, M8, M9),
    {B1, B6, B11, B12} = blake2b_quarter(A1, A6, A11, A12, M10, M11),
    {B2, B7, B8, B13} = blake2b_quarter(A2, A7, A8, A13, M12, M13),
    {B3, B4, B9, B14} = blake2b_quarter(A3, A4, A9, A14, M14, M15),
    {B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15}.

blake2b_quarter(A, B, C, D, X, Y) ->
    A1 = (A + B + X) band ?LONG,
    D1 = turn64(D bxor A1, 32),
    C1 = (C + D1) band ?LONG,
    B1 = turn64(B bxor C1, 24),
    A2 = (A1 + B1 + Y) band ?LONG,
    D2 = turn64(D1 bxor A2, 16),
    C2 = (C1 + D2) band ?LONG,
    {A2, turn64(B1 bxor C2, 63), C2, D2}.

turn64(Word, Bits) -> ((Word bsr Bits) bor (Word bsl (64 - Bits))) band ?LONG.

blake2b_start() ->
    [16#6A09E667F3BCC908, 16#BB67AE8584CAA73B, 16#3C6EF372FE94F82B, 16#A54FF53A5F1D36F1,
     16#510E527FADE682D1, 16#9B05688C2B3E6C1F, 16#1F83D9ABFB41BD6B, 16#5BE0CD19137E2179].

blake2b_orders() ->
    Orders =
        [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
         [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
         [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
         [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
         [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
         [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
         [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
         [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
         [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
         [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0]],
    Orders ++ lists:sublist(Orders, 2).
