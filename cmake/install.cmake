# What `cmake --install` puts where: the program, and dnsupdate as a library of its own
# (docs/library.md). Only the headers that a user of the library includes, and what those include.
include(CMakePackageConfigHelpers)

install(TARGETS ronda RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)

set_target_properties(ronda_net_core PROPERTIES EXPORT_NAME net)
set_target_properties(ronda_options PROPERTIES EXPORT_NAME options)
set_target_properties(ronda_wire PROPERTIES EXPORT_NAME wire)
set_target_properties(ronda_update PROPERTIES EXPORT_NAME update)
set_target_properties(ronda_dnsupdate PROPERTIES EXPORT_NAME dnsupdate)
install(TARGETS ronda_options ronda_net_core ronda_wire ronda_update ronda_dnsupdate
  EXPORT ronda
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)

set(RONDA_LIBRARY_HEADERS
  dnsupdate/io/client.hpp
  dnsupdate/io/server_quota.hpp
  dnsupdate/io/zone_finder.hpp
  dnsupdate/update/outcome.hpp
  dnsupdate/update/read_result.hpp
  dnsupdate/update/update_request.hpp
  dnsupdate/wire/key_file.hpp
  dnsupdate/wire/message.hpp
  dnsupdate/wire/name.hpp
  dnsupdate/wire/rdata.hpp
  dnsupdate/wire/rr_type.hpp
  dnsupdate/wire/rrset.hpp
  dnsupdate/wire/tsig.hpp
  net/address.hpp
  net/fault.hpp
  net/loop.hpp
  net/random.hpp
  net/secret.hpp
  net/time.hpp
  net/tls_contexts.hpp
  net/uv_loop.hpp
)
foreach(header ${RONDA_LIBRARY_HEADERS})
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/${header}
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ronda/${folder} COMPONENT library)
endforeach()

set(RONDA_PACKAGE_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/ronda)
install(EXPORT ronda NAMESPACE ronda:: FILE ronda-targets.cmake
  DESTINATION ${RONDA_PACKAGE_FOLDER} COMPONENT library)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ronda-config.cmake.in
  ${PROJECT_BINARY_DIR}/ronda-config.cmake INSTALL_DESTINATION ${RONDA_PACKAGE_FOLDER})
# Before 1.0 a minor version may change what a user sees.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ronda-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ronda-config.cmake ${PROJECT_BINARY_DIR}/ronda-config-version.cmake
  DESTINATION ${RONDA_PACKAGE_FOLDER} COMPONENT library)
