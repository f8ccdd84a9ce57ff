# A consumer of precompiled native libraries that takes the steps which `elixir_make` documents for packages with `make_precompiler:`, with targets as
# `cc_precompiler` spells them, for machines where those libraries cannot be fetched. It is plimsoll's own, and smaller: it serves tests of a package
# before its release, and nobody's production. Where elixir_make turns to a build from source on any error, this one fails: that is how a broken
# release shows.
#
# PLIMSOLL_NIF_BASE_URL takes the place of all of `make_precompiler_url` but the archive's name, and PLIMSOLL_NIF_VERSION that of this VM's NIF version.

defmodule Mix.Tasks.Compile.ElixirMake do
  @moduledoc false

  alias Plimsoll.{Checksums, Make, Request, Words}

  def run(_arguments) do
    config = Mix.Project.config()
    if config[:make_force_build], do: Words.fail("build", "make_force_build is set, and no Makefile is tried here")

    case config[:make_precompiler] do
      {:nif, _} -> install(config)
      other -> Words.fail("build", "make_precompiler is #{inspect(other)}, which downloads nothing that a BEAM loads")
    end

    {:ok, []}
  end

  defp install(config) do
    name = Make.archive(config)
    Words.fact("file", name)
    path = Path.join(Make.cache(), name)
    Words.fact("cached", to_string(File.exists?(path)))

    if not File.exists?(path) do
      Words.stage("download")
      bytes = config |> Make.url(name) |> Request.get([])
      File.mkdir_p!(Path.dirname(path))
      File.write!(path, bytes)
    end

    Checksums.verify(path, "checksum.exs")
    unpack(path, Path.join(Mix.Project.app_path(config), "priv"), Make.member(config))
  end

  defp unpack(path, priv, member) do
    Words.stage("unpack")
    File.mkdir_p!(priv)

    case :erl_tar.extract(String.to_charlist(path), [:compressed, cwd: String.to_charlist(priv)]) do
      :ok -> :ok
      {:error, reason} -> Words.fail("archive", to_string(:erl_tar.format_error(reason)))
    end

    if not File.regular?(Path.join(priv, member)) do
      Words.fail("member", "#{Path.basename(path)} has no #{member}, which belongs into priv")
    end
  end
end

defmodule Plimsoll.Make do
  @moduledoc false

  alias Plimsoll.Words

  @doc "The archive's name for this machine."
  def archive(config) do
    # This VM's own where none is listed that fits.
    version = Plimsoll.Nif.version(config[:make_precompiler_nif_versions][:versions] || []) || :erlang.system_info(:nif_version)
    "#{config[:app]}-nif-#{version}-#{target()}-#{config[:version]}.tar.gz"
  end

  @doc "The library's place in priv."
  def member(config) do
    suffix = if match?({:win32, _}, :os.type()), do: "dll", else: "so"
    "#{config[:make_precompiler_filename] || config[:app]}.#{suffix}"
  end

  def cache, do: System.get_env("ELIXIR_MAKE_CACHE_DIR") || to_string(:filename.basedir(:user_cache, ~c""))

  def url(config, name) do
    template = config[:make_precompiler_url] || Words.fail("download", "mix.exs has no make_precompiler_url")

    case System.get_env("PLIMSOLL_NIF_BASE_URL") do
      nil -> String.replace(template, "@{artefact_filename}", name)
      base -> String.trim_trailing(base, "/") <> "/" <> name
    end
  end

  defp target, do: target(to_string(:erlang.system_info(:system_architecture)), &System.get_env/1)

  @doc false
  def target("win32", variable), do: "#{variable.("TARGET_ARCH") || "x86_64"}-windows-#{variable.("TARGET_ABI") || "msvc"}"

  def target(architecture, variable) do
    {arch, os, abi} =
      case String.split(architecture, "-") do
        [arch, _vendor, os, abi | _] -> {arch, os, abi}
        [arch, os, abi] -> {arch, os, abi}
        _ -> Words.fail("no-target", "the VM's architecture is #{architecture}")
      end

    arch = variable.("TARGET_ARCH") || arch
    os = variable.("TARGET_OS") || os
    abi = variable.("TARGET_ABI") || abi

    if Enum.any?([os, abi], &String.starts_with?(&1, "darwin")) do
      "#{if arch in ["arm", "arm64"], do: "aarch64", else: arch}-apple-darwin"
    else
      "#{if arch == "amd64", do: "x86_64", else: arch}-#{os}-#{abi}"
    end
  end
end
