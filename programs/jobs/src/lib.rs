anchor_lang::declare_id!("AfjSMc2J4umgZ2EP1gXUYbiKTmEkF29EKjug9bc26w14");
