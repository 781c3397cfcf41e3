# The text cases: every folder tests/cases/<area>/<name>/ with a file named cmd is one ctest case,
# cases.<area>.<name>. Include this file after the target spoor and the library spoor_test_support exist, and call
#
#     spoor_add_cases()
#
# Also defines the targets make_evtx and case_runner, and update_cases, which writes all expectations anew.
function(spoor_add_cases)
  add_executable(make_evtx ${PROJECT_SOURCE_DIR}/tests/support/make_evtx_main.cc)
  target_link_libraries(make_evtx PRIVATE spoor_test_support)
  add_executable(case_runner ${PROJECT_SOURCE_DIR}/tests/support/case_runner_main.cc)
  set(runner $<TARGET_FILE:case_runner> --spoor $<TARGET_FILE:spoor> --make-evtx $<TARGET_FILE:make_evtx>)
  set(root ${PROJECT_SOURCE_DIR}/tests/cases)
  file(GLOB commands CONFIGURE_DEPENDS RELATIVE ${root} ${root}/*/*/cmd)
  foreach(command ${commands})
    get_filename_component(case ${command} DIRECTORY)
    string(REPLACE "/" "." name ${case})
    add_test(NAME cases.${name} COMMAND ${runner} ${root}/${case})
    set_tests_properties(cases.${name} PROPERTIES TIMEOUT 60 LABELS cases)
  endforeach()
  add_custom_target(update_cases COMMAND ${runner} --update ${root} USES_TERMINAL
    COMMENT "Writing the expectations of tests/cases anew; look at the diff before you commit it")
endfunction()
