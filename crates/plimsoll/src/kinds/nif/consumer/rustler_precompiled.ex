# A consumer of precompiled native libraries that takes the steps which `rustler_precompiled` documents, for machines where that library cannot be
# fetched. It is plimsoll's own, and smaller: it serves tests of a package before its release, and nobody's production.
#
# Each step says on standard output that it begins. Lines of this program's own begin with `plimsoll-nif: `, and the rest is JSON. A step that
# fails says why and raises, as the library does.
#
# PLIMSOLL_NIF_BASE_URL takes the place of the module's `base_url`, so that the archive comes from a registry of this machine. PLIMSOLL_NIF_VARIANT
# takes the place of the functions that choose a variant: the name of one, or nothing for the library that has none. PLIMSOLL_NIF_VERSION takes the
# place of this VM's NIF version, so that the library for an older one can be asked for.

defmodule RustlerPrecompiled do
  @moduledoc false

  alias Plimsoll.{Checksums, Words}
  alias RustlerPrecompiled.{Archive, Download, Source, Target}

  defmacro __using__(options) do
    quote bind_quoted: [options: options] do
      @plimsoll_load_from RustlerPrecompiled.install(__MODULE__, options)
      @plimsoll_app Keyword.fetch!(options, :otp_app)
      @plimsoll_data Keyword.get(options, :load_data, 0)

      @on_load :rustler_init

      @doc false
      def rustler_init do
        :code.purge(__MODULE__)
        path = @plimsoll_app |> Application.app_dir(@plimsoll_load_from) |> String.to_charlist()
        :erlang.load_nif(path, @plimsoll_data)
      end
    end
  end

  @doc "Puts the library into the application's priv folder; gives back its path there, without its extension."
  def install(module, options) do
    app = Keyword.fetch!(options, :otp_app)
    folder = Path.join(Application.app_dir(app), "priv/native")
    File.mkdir_p!(folder)

    if force_build?(app, options) do
      Source.build(app, folder, options)
    else
      name = file_name(options)
      Words.fact("file", name <> ".tar.gz")
      archive = Download.cached(name <> ".tar.gz", options)
      Checksums.verify(archive, "checksum-#{module}.exs")
      Archive.unpack(archive, name, folder)
      Path.join("priv/native", Path.rootname(name))
    end
  end

  @doc """
  Whether the library is to be built here: a version under development, a variable, the option, or the application's configuration where there is no
  such option. Of an option whatever is neither `false` nor `nil` counts.
  """
  def force_build?(app, options) do
    version = Version.parse!(Keyword.fetch!(options, :version))
    configured = fn -> Application.get_env(:rustler_precompiled, :force_build, [])[app] end

    "dev" in version.pre or System.get_env("RUSTLER_PRECOMPILED_FORCE_BUILD_ALL") in ["1", "true"] or
      !!Keyword.get_lazy(options, :force_build, configured)
  end

  @doc "The name of the library for this machine; the archive's is the same with `.tar.gz`."
  def file_name(options) do
    target = Target.here()
    offered = Keyword.get(options, :targets, Target.defaults())

    if target not in offered do
      Words.fail("no-target", "#{target} is not among #{Enum.join(offered, ", ")}")
    end

    nif_version = Target.nif_version(Keyword.get(options, :nif_versions, ["2.15"]))
    windows = String.contains?(target, "windows")
    lib = if windows, do: "", else: "lib"
    extension = if windows, do: "dll", else: "so"
    crate = options |> Keyword.get(:crate, Keyword.fetch!(options, :otp_app)) |> to_string()
    version = Keyword.fetch!(options, :version)
    "#{lib}#{crate}-v#{version}-nif-#{nif_version}-#{target}#{variant(target, options)}.#{extension}"
  end

  # The first whose function is true, as the module has them in order.
  defp variant(target, options) do
    variants = options |> Keyword.get(:variants, %{}) |> Map.get(target, [])

    case System.get_env("PLIMSOLL_NIF_VARIANT") do
      nil ->
        variants |> Enum.find(fn {_, wanted?} -> if is_function(wanted?, 1), do: wanted?.(options), else: wanted?.() end) |> suffix()

      "" ->
        ""

      name ->
        offered = for {offered, _} <- variants, do: to_string(offered)
        if name not in offered, do: Words.fail("no-target", "#{name} is not among the variants for #{target}: #{Enum.join(offered, ", ")}")
        suffix({name, true})
    end
  end

  defp suffix({name, _}), do: "--#{name}"
  defp suffix(nil), do: ""
end

defmodule RustlerPrecompiled.Target do
  @moduledoc false

  alias Plimsoll.Words

  def defaults do
    ~w(
      aarch64-apple-darwin
      aarch64-unknown-linux-gnu
      aarch64-unknown-linux-musl
      arm-unknown-linux-gnueabihf
      riscv64gc-unknown-linux-gnu
      x86_64-apple-darwin
      x86_64-pc-windows-gnu
      x86_64-pc-windows-msvc
      x86_64-unknown-linux-gnu
      x86_64-unknown-linux-musl
    )
  end

  @doc "The target of this VM, changed by TARGET_ARCH, TARGET_VENDOR, TARGET_OS and TARGET_ABI."
  def here do
    architecture = to_string(:erlang.system_info(:system_architecture))
    of(architecture, &System.get_env/1, :erlang.system_info(:wordsize))
  end

  @doc false
  def of("win32", variable, wordsize) do
    arch = variable.("TARGET_ARCH") || if(wordsize == 8, do: "x86_64", else: "i686")
    "#{arch}-#{variable.("TARGET_VENDOR") || "pc"}-#{variable.("TARGET_OS") || "windows"}-#{variable.("TARGET_ABI") || "msvc"}"
  end

  def of(architecture, variable, _wordsize) do
    {arch, vendor, os, abi} =
      case String.split(architecture, "-") do
        [arch, vendor, os, abi | _] -> {arch, vendor, os, abi}
        [arch, vendor, os] -> {arch, vendor, os, nil}
        _ -> Words.fail("no-target", "the VM's architecture is #{architecture}")
      end

    arch = variable.("TARGET_ARCH") || arch
    vendor = variable.("TARGET_VENDOR") || vendor
    os = variable.("TARGET_OS") || os
    abi = variable.("TARGET_ABI") || abi

    cond do
      String.starts_with?(os, "darwin") ->
        arch = if arch in ["arm", "arm64"], do: "aarch64", else: arch
        "#{arch}-#{vendor}-darwin"

      os == "linux" ->
        arch = Map.get(%{"amd64" => "x86_64", "riscv64" => "riscv64gc"}, arch, arch)
        vendor = if vendor in ~w(pc redhat suse alpine), do: "unknown", else: vendor
        Enum.join([arch, vendor, os, abi], "-")

      true ->
        [arch, vendor, os, abi] |> Enum.reject(&is_nil/1) |> Enum.join("-")
    end
  end

  @doc "The NIF version to ask for."
  def nif_version(offered) do
    own = :erlang.system_info(:nif_version)
    Plimsoll.Nif.version(offered) || Words.fail("no-target", "this VM has NIF #{own}, and #{Enum.join(offered, ", ")} is offered")
  end
end

defmodule RustlerPrecompiled.Download do
  @moduledoc false

  alias Plimsoll.{Request, Words}

  @doc "The archive's path in the cache; what is not there yet is downloaded, and cached before anything is known of it."
  def cached(name, options) do
    path = Path.join(folder(), name)
    Words.fact("cached", to_string(File.exists?(path)))

    if not File.exists?(path) do
      Words.stage("download")
      bytes = get(options |> Keyword.fetch!(:base_url) |> base(), name)
      File.mkdir_p!(Path.dirname(path))
      File.write!(path, bytes)
    end

    path
  end

  defp folder do
    System.get_env("RUSTLER_PRECOMPILED_GLOBAL_CACHE_PATH") ||
      to_string(:filename.basedir(:user_cache, "rustler_precompiled/precompiled_nifs"))
  end

  defp base(base_url) do
    case System.get_env("PLIMSOLL_NIF_BASE_URL") do
      nil -> base_url
      url -> url
    end
  end

  defp get({module, function}, name) when is_atom(module) and is_atom(function) do
    case apply(module, function, [name]) do
      {url, headers} -> Request.get(to_string(url), headers)
      url -> Request.get(to_string(url), [])
    end
  end

  defp get({url, headers}, name), do: Request.get(join(url, name), headers)
  defp get(url, name) when is_binary(url), do: Request.get(join(url, name), [])

  defp join(url, name) do
    case URI.parse(url) do
      %URI{path: nil} -> Words.fail("download", "base_url #{url} has no path")
      uri -> uri |> Map.update!(:path, &Path.join(&1, name)) |> URI.to_string()
    end
  end
end

defmodule RustlerPrecompiled.Archive do
  @moduledoc false

  alias Plimsoll.Words

  @doc "Unpacks an archive, whatever lies in it; the library must then be where it is looked for."
  def unpack(path, name, folder) do
    Words.stage("unpack")

    case :erl_tar.extract(String.to_charlist(path), [:compressed, cwd: String.to_charlist(folder)]) do
      :ok -> :ok
      {:error, reason} -> Words.fail("archive", to_string(:erl_tar.format_error(reason)))
    end

    if not File.regular?(Path.join(folder, name)) do
      Words.fail("member", "#{Path.basename(path)} has no #{name} at its root")
    end
  end
end

defmodule RustlerPrecompiled.Source do
  @moduledoc false

  alias Plimsoll.Words

  @doc "Builds the crate as Rustler does: in its own folder, so that its own cargo configuration holds, and into the build folder."
  def build(app, folder, options) do
    Words.stage("build")
    crate = options |> Keyword.get(:crate, app) |> to_string()
    path = Keyword.get(options, :path, Path.join("native", crate))
    mode = if Keyword.get(options, :mode, :release) == :release, do: ["--release"], else: []
    target_folder = Path.join(Application.app_dir(app), "native/#{crate}")

    features =
      case Keyword.get(options, :features, []) do
        [] -> []
        list -> ["--features", Enum.join(list, ",")]
      end

    bare = if Keyword.get(options, :default_features, true), do: [], else: ["--no-default-features"]
    words = ["rustc", "--crate-type=cdylib", "--target-dir", target_folder] ++ mode ++ bare ++ features
    if not File.dir?(path), do: Words.fail("build", "the package has no #{path}")
    environment = [{"RUSTLER_PRIMARY_NIF_INIT", "1"} | Keyword.get(options, :env, [])]

    try do
      case System.cmd("cargo", words, cd: path, env: environment, stderr_to_stdout: true) do
        {_, 0} -> :ok
        {output, status} -> Words.fail("build", "cargo ended with status #{status}: #{last_lines(output)}")
      end
    rescue
      error in ErlangError -> Words.fail("build", "cargo cannot be started: #{inspect(error.original)}")
    end

    profile = if mode == [], do: "debug", else: "release"
    name = "lib" <> String.replace(crate, "-", "_")
    built = Enum.find(["#{name}.so", "#{name}.dylib"], &File.exists?(Path.join([target_folder, profile, &1])))
    if is_nil(built), do: Words.fail("build", "cargo made no #{name}.so: the crate needs crate-type cdylib")
    File.cp!(Path.join([target_folder, profile, built]), Path.join(folder, name <> ".so"))
    Words.fact("built", name <> ".so")
    Path.join("priv/native", name)
  end

  defp last_lines(output), do: output |> String.split("\n", trim: true) |> Enum.take(-12) |> Enum.join("\n")
end
