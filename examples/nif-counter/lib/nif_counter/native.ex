defmodule NifCounter.Native do
  @moduledoc false

  version = Mix.Project.config()[:version]

  use RustlerPrecompiled,
    otp_app: :nif_counter,
    crate: "nif_counter",
    base_url: "https://github.com/plimsoll/nif-counter/releases/download/v#{version}",
    version: version,
    force_build: System.get_env("NIF_COUNTER_BUILD") in ["1", "true"],
    nif_versions: ["2.15"],
    targets: ~w(
      aarch64-apple-darwin
      aarch64-unknown-linux-gnu
      aarch64-unknown-linux-musl
      x86_64-apple-darwin
      x86_64-unknown-linux-gnu
      x86_64-unknown-linux-musl
    )

  # Each stands in for the native function of its name until the library is loaded.
  def new(_start), do: :erlang.nif_error(:nif_not_loaded)
  def increment(_counter, _by), do: :erlang.nif_error(:nif_not_loaded)
  def value(_counter), do: :erlang.nif_error(:nif_not_loaded)
  def add(_a, _b), do: :erlang.nif_error(:nif_not_loaded)
  def version, do: :erlang.nif_error(:nif_not_loaded)
end
