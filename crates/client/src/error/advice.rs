//! What to do about an error of the runtime.

use solana_instruction::error::InstructionError;
use solana_rpc_client_api::client_error::TransactionError;

const NOT_DEPLOYED: &str = "a program is not deployed on this cluster: check the RPC address";
const SEE_LOGS: &str = "see the logs";

/// Returns what to do about an error of the runtime.
pub(super) fn find_advice(error: &TransactionError) -> &'static str {
    match error {
        TransactionError::AccountNotFound
        | TransactionError::InsufficientFundsForFee
        | TransactionError::InsufficientFundsForRent { .. } => "fund the payer with SOL",
        TransactionError::BlockhashNotFound => "it expired before it landed: send it again",
        TransactionError::AlreadyProcessed => {
            "it landed before: look it up instead of sending it again"
        }
        TransactionError::ProgramAccountNotFound => NOT_DEPLOYED,
        TransactionError::MaxLoadedAccountsDataSizeExceeded => {
            "its accounts and programs have more bytes than its limit allows: \
             send it again, with fewer accounts if this repeats"
        }
        TransactionError::InstructionError(_, error) => find_instruction_advice(error),
        _ => SEE_LOGS,
    }
}

fn find_instruction_advice(error: &InstructionError) -> &'static str {
    match error {
        InstructionError::ComputationalBudgetExceeded
        | InstructionError::ProgramFailedToComplete => "request more compute units",
        InstructionError::MissingRequiredSignature => "add the missing signer",
        // The runtime still reports a program's `NotEnoughAccountKeys` by this name.
        #[expect(deprecated)]
        InstructionError::NotEnoughAccountKeys | InstructionError::MissingAccount => {
            "the program expects other accounts: update this client"
        }
        InstructionError::InvalidInstructionData => {
            "the program expects other arguments: update this client"
        }
        InstructionError::IllegalOwner | InstructionError::UninitializedAccount => {
            "an account does not exist yet, or another program owns it: \
             check that the setup has run"
        }
        InstructionError::InvalidSeeds => {
            "an account has the wrong address: derive it with the functions of `pda`"
        }
        InstructionError::UnsupportedProgramId => NOT_DEPLOYED,
        _ => SEE_LOGS,
    }
}
