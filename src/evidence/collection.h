// Which host a file was collected from, by the layout of triage collections.
//
// Only where a tool's own naming holds: a wrong host is worse than none. Known are, each as a folder or as an archive
// (with its ending, and "!" where the path goes on inside):
//
//   KAPE          <host>_<time>/C/…         the folder given with --tdest, made of the variables %m (machine name) and
//                 <time>_<host>/C/…         %d (yyyyMMddTHHmmss) with "_" or "-" between, above the folder of a drive.
//                                           Source: KapeDocs, "Using KAPE", tdest. There is no default; a folder
//                                           named otherwise says nothing.
//   Velociraptor  Collection-<host>-<time>  offline collector; what a file name may not have became "_".
//                                           Source: Velociraptor, artifact Server.Utils.CreateCollector (format
//                                           "Collection-%s-%s" of Fqdn and timestamp).
//   UAC           uac-<host>-<os>-<time>    Source: github.com/tclahr/uac, file uac (__UAC_OUTPUT_BASE_NAME
//                                           "uac-%hostname%-%os%-%timestamp%", yyyyMMddHHmmss) and its list of systems.
//
// CyLR's <host>.zip is not told from any other archive, and is left out.
#pragma once

#include <string>
#include <string_view>

namespace spoor {

// `path` as shown to people, of a file in a folder or in an archive ("a/b.zip!/c"). The name as the collection has it,
// with a domain where it has one; empty: the path follows no known naming. Where several do, the innermost counts.
std::string HostFromPath(std::string_view path);

}  // namespace spoor
