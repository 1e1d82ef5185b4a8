# A template: a release fills in @URL@ and @SHA256@ of the packed package.
class ScyllaTasks < Formula
  desc "Command-line tool for the task manager of ScyllaDB"
  homepage "@HOMEPAGE@"
  url "@URL@"
  sha256 "@SHA256@"
  license "Apache-2.0"

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec.glob("bin/*")
    man1.install_symlink libexec.glob("lib/node_modules/scylla-tasks/man/*.1")
    generate_completions_from_executable(bin/"tasks", "completion")
  end

  test do
    assert_match "compaction", shell_output("#{bin}/tasks --mock modules")
  end
end
