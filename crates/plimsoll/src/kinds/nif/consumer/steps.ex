# What the consumers of native libraries beside this file have in common: words on how it goes, a request, and a look into a map of checksums.

defmodule Plimsoll.Words do
  @moduledoc false

  def stage(name), do: line(stage: name)
  def fact(name, value), do: line(fact: name, value: value)

  def fail(code, said) do
    line(failed: code, said: said)
    raise said
  end

  @doc "One line of the programs' own language, with `true`, lists and objects (`{:object, members}`) as they are and all else as text."
  def line(members), do: IO.puts("plimsoll-nif: " <> json({:object, members}))

  defp json(true), do: "true"
  defp json(list) when is_list(list), do: "[" <> Enum.map_join(list, ",", &json/1) <> "]"
  defp json({:object, members}), do: "{" <> Enum.map_join(members, ",", fn {key, value} -> "#{text(key)}:#{json(value)}" end) <> "}"
  defp json(value), do: text(value)

  defp text(value) do
    escaped =
      for <<char::utf8 <- to_string(value)>>, into: "" do
        case char do
          ?" -> "\\\""
          ?\\ -> "\\\\"
          char when char < 32 -> "\\u" <> String.pad_leading(Integer.to_string(char, 16), 4, "0")
          char -> <<char::utf8>>
        end
      end

    ~s("#{escaped}")
  end
end

defmodule Plimsoll.Request do
  @moduledoc false

  alias Plimsoll.Words

  @doc "The bytes at a URL; only status 200 counts."
  def get(url, headers) do
    Words.fact("url", url)

    answer =
      try do
        request(url, headers)
      rescue
        error -> {:error, Exception.message(error)}
      end

    case answer do
      {:ok, {{_, 200, _}, _, body}} -> body
      {:ok, {{_, status, _}, _, _}} -> Words.fail("download", "#{url} answered with status #{status}")
      {:error, reason} -> Words.fail("download", "#{url}: #{if is_binary(reason), do: reason, else: inspect(reason)}")
    end
  end

  defp request(url, headers) do
    {:ok, _} = Application.ensure_all_started(:inets)
    if String.starts_with?(url, "https:"), do: {:ok, _} = Application.ensure_all_started(:ssl)
    proxy("HTTP_PROXY", :proxy)
    proxy("HTTPS_PROXY", :https_proxy)
    headers = for {key, value} <- headers, do: {String.to_charlist(to_string(key)), String.to_charlist(to_string(value))}
    :httpc.request(:get, {String.to_charlist(url), headers}, http_options(url), body_format: :binary)
  end

  defp http_options("https:" <> _) do
    authorities =
      if path = System.get_env("HEX_CACERTS_PATH"), do: [cacertfile: String.to_charlist(path)], else: [cacerts: :public_key.cacerts_get()]

    match = [match_fun: :public_key.pkix_verify_hostname_match_fun(:https)]
    [ssl: [verify: :verify_peer, depth: 4, customize_hostname_check: match] ++ authorities]
  end

  # Since OTP 26 what is not said of TLS is made of the machine's own authorities, which a URL without TLS needs none of.
  defp http_options(_), do: [ssl: []]

  defp proxy(variable, option) do
    value = System.get_env(variable) || System.get_env(String.downcase(variable))

    with true <- is_binary(value), %URI{host: host, port: port} when is_binary(host) <- URI.parse(value) do
      :httpc.set_options([{option, {{String.to_charlist(host), port}, []}}])
    end
  end
end

defmodule Plimsoll.Nif do
  @moduledoc false

  alias Plimsoll.Words

  @doc "The NIF version to ask for out of those offered: what PLIMSOLL_NIF_VERSION names, else this VM's own, else the highest below it of the same major; none where nothing fits."
  def version(offered), do: choose(System.get_env("PLIMSOLL_NIF_VERSION") || to_string(:erlang.system_info(:nif_version)), offered)

  @doc false
  def choose(own, offered) do
    {major, minor} = parts(own)
    below = Enum.filter(offered, fn version -> match?({^major, other} when other <= minor, parts(version)) end)
    if below == [], do: nil, else: Enum.max_by(below, &parts/1)
  end

  defp parts(version) do
    case version |> String.split(".") |> Enum.take(2) |> Enum.map(&Integer.parse/1) do
      [{major, ""}, {minor, ""}] -> {major, minor}
      _ -> Words.fail("no-target", "#{version} is no NIF version")
    end
  end
end

defmodule Plimsoll.Checksums do
  @moduledoc false

  alias Plimsoll.Words

  @doc "Holds an archive against the package's map."
  def verify(path, map) do
    Words.stage("checksum")
    name = Path.basename(path)

    case Map.fetch(read(map), name) do
      {:ok, "sha256:" <> expected} ->
        found = :crypto.hash(:sha256, File.read!(path)) |> Base.encode16(case: :lower)

        if found != expected do
          Words.fail("checksum", "#{name} has sha256:#{found}, and #{map} says sha256:#{expected}")
        end

      {:ok, other} ->
        Words.fail("map", "#{map} has #{inspect(other)} for #{name}")

      :error ->
        Words.fail("map", "#{map} has no #{name}")
    end
  end

  # As the libraries do: the file is evaluated, and one that cannot be read is an empty map.
  defp read(path) do
    with {:ok, text} <- File.read(path), {%{} = map, _} <- Code.eval_string(text) do
      map
    else
      _ -> %{}
    end
  end
end
