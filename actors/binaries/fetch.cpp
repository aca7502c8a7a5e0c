// Downloads and runs of Maven, and the files that they leave.

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/binaries/dependencies.hpp"
#include "base/digest.hpp"
#include "base/private_files.hpp"
#include "runtime/fetch/url.hpp"
#include "store/files/binary_check.hpp"
#include "store/files/content_files.hpp"
#include "store/files/durable_write.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Returns the URL up to the end of its path, whose ending says the file's
/// type.
std::string_view path_of(std::string_view url) {
  return url.substr(0, url.find_first_of("?#"));
}

/// Returns the artifact's own jar first, then the jars that it needs, in the
/// order of their names.
std::vector<fs::path> jars_in(const fs::path& folder,
                              const std::string& artifact) {
  std::vector<fs::path> result;
  for (auto& x : fs::directory_iterator{folder})
    if (x.path().extension() == ".jar")
      result.push_back(x.path());
  std::sort(result.begin(), result.end());
  std::stable_partition(result.begin(), result.end(), [&](auto& x) {
    return x.filename().string().starts_with(artifact + "-");
  });
  return result;
}

/// What has no ending of a binary may be any file.
/// @throws std::runtime_error if it is not whole
void check_download(std::string_view url_path, binary_type type,
                    const std::string& file) {
  if (!url_path.ends_with(ending(type)))
    return;
  auto why = binary_fault_of_file(type, file);
  if (why)
    throw std::runtime_error(
      why->empty() ? "what its server sent is not of the right format for "
                       + std::string{ending(type)}
                   : *why);
}

/// Hands an outcome to the actor, if it is still there.
auto sender_to(dependencies_self::pointer self, const std::string& uri) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(self),
          uri](transfer_outcome outcome) {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<dependencies_self>(strong),
                     atom::fetched_v, uri, std::move(outcome));
  };
}

} // namespace

std::filesystem::path
dependencies_state::folder_of(const maven_coordinate& x) const {
  return fs::path{settings.folder} / "maven" / x.group / x.artifact / x.version;
}

bool dependencies_state::has_final(const maven_coordinate& x) const {
  return !x.version.ends_with("-SNAPSHOT") && fs::exists(folder_of(x) / "jars");
}

void dependencies_state::download(const std::string& uri, open_fetch& x) {
  auto& known = known_[uri];
  if (!fs::exists(known.ref.path))
    known = {}; // somebody made room
  else
    cache->used(known.ref.path); // nobody does while it is asked for changes
  x.scratch = (fs::path{settings.folder}
               / ("download-" + std::to_string(x.number) + ".part"))
                .string();
  auto waited
    = std::chrono::duration_cast<milliseconds>(clock::now() - x.asked);
  transfer_request request;
  request.url = uri;
  request.limit = settings.limit - waited;
  request.file = x.scratch;
  request.known = known.state;
  request.max_bytes = settings.max_bytes;
  http->start(std::move(request), sender_to(self, uri));
}

void dependencies_state::start_maven(const std::string& uri, open_fetch& x) {
  auto coordinate = *parse_coordinate(uri);
  auto folder = folder_of(coordinate);
  auto scratch = folder / "jars.part";
  fs::remove_all(scratch);
  make_private_folder(scratch);
  auto project = folder / "pom.xml";
  write_flushed(project,
                maven_project(coordinate, settings.maven_repositories));
  auto environment = settings.environment;
  environment.insert(environment.end(), {"MAVEN_*", "M2_HOME"});
  auto tell = sender_to(self, uri);
  auto ended = [tell](const launch::process_exit& exit) {
    auto good = exit.code == 0 && exit.signal == 0;
    transfer_outcome outcome;
    outcome.changed = good;
    outcome.error = good ? "" : "Maven " + launch::to_string(exit);
    tell(std::move(outcome));
  };
  try {
    x.maven = launcher->start(
      {maven_command(settings.maven, project.string(), scratch.string()),
       {},
       folder.string(),
       (folder / "maven.log").string(),
       -1,
       std::move(environment)},
      ended);
  } catch (const launch::launch_error& e) {
    throw std::runtime_error(
      std::string{"Maven coordinates need Maven, which cannot be run: "}
      + e.what() + "; hearth.dependencies.maven says where it is");
  }
}

resolved_binaries
dependencies_state::take_download(const std::string& uri,
                                  const transfer_outcome& outcome) {
  auto& known = known_[uri];
  if (outcome.changed) {
    auto type = type_by_ending(path_of(uri));
    check_download(path_of(uri), type, open.at(uri).scratch);
    auto target = fs::path{settings.folder} / (outcome.digest + ending(type));
    fs::rename(open.at(uri).scratch, target);
    known.state = outcome.state;
    known.ref = {without_credentials(uri), to_string(type), outcome.digest,
                 target.string()};
  } else if (!fs::exists(known.ref.path)) {
    throw std::runtime_error("its server says that it has not changed, but it "
                             "is not here");
  }
  return {{known.ref}};
}

resolved_binaries
dependencies_state::take_artifact(const std::string& uri,
                                  const maven_coordinate& coordinate) {
  auto folder = folder_of(coordinate);
  auto jars = folder / "jars";
  if (open.at(uri).running) {
    fs::remove_all(jars);
    fs::rename(folder / "jars.part", jars);
    std::erase_if(digests_, [&](auto& entry) {
      return entry.first.starts_with(jars.string() + "/");
    });
  }
  resolved_binaries result;
  for (auto& jar : jars_in(jars, coordinate.artifact))
    result.refs.push_back(reference(uri, jar.string()));
  if (result.refs.empty())
    throw std::runtime_error("Maven found no jar");
  return result;
}

/// A jar of an artifact. Its file does not change.
protocol::binary_ref dependencies_state::reference(const std::string& name,
                                                   const std::string& path) {
  auto& digest = digests_[path];
  if (digest.empty())
    digest = sha256_of_file(path);
  return {name, to_string(type_by_ending(path)), digest, path};
}

/// The requests are answered before this is called, so errors are only logged.
void dependencies_state::make_room(const std::vector<std::string>& in_use) {
  try {
    cache->trim({in_use.begin(), in_use.end()});
  } catch (const std::exception& e) {
    spdlog::warn("cannot make room in {}: {}", settings.folder, e.what());
  }
  auto is_gone = [](const std::string& path) {
    std::error_code unknown;
    return !fs::exists(path, unknown);
  };
  std::erase_if(known_, [&](auto& x) { return is_gone(x.second.ref.path); });
  std::erase_if(digests_, [&](auto& x) { return is_gone(x.first); });
}

} // namespace hearth
