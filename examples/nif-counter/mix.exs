defmodule NifCounter.MixProject do
  use Mix.Project

  @version "0.2.0"
  @source_url "https://github.com/plimsoll/nif-counter"

  def project do
    [
      app: :nif_counter,
      version: @version,
      elixir: "~> 1.14",
      description: "Shared counters in one machine word each",
      package: package(),
      deps: deps()
    ]
  end

  def application, do: [extra_applications: [:logger]]

  # Rustler is needed by those only who build the library themselves.
  defp deps do
    [
      {:rustler_precompiled, "~> 0.8"},
      {:rustler, "~> 0.37", optional: true}
    ]
  end

  defp package do
    [
      files: [
        "lib",
        "native/nif_counter/.cargo",
        "native/nif_counter/src",
        "native/nif_counter/Cargo.toml",
        "native/nif_counter/Cargo.lock",
        "checksum-*.exs",
        "mix.exs",
        "README.md",
        "LICENSE-APACHE",
        "LICENSE-MIT"
      ],
      licenses: ["Apache-2.0", "MIT"],
      links: %{"GitHub" => @source_url}
    ]
  end
end
