// The shim and the contract decorators log at info while modules load; tests read their own output.
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'ERROR';
