"""What a hostile network does to ports and devices while a run goes on."""
